"""The checks of an application, one rule a file; the file's name is its identifier."""

from workflows.checks.finding import Example, Finding, Line, Verdict

__all__ = ["Example", "Finding", "Line", "Verdict"]
