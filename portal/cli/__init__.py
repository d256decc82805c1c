"""The door for operators: `portal <command>`."""

from portal.cli.main import main

__all__ = ["main"]
