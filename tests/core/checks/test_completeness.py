"""Completeness names what is missing."""

from __future__ import annotations

from workflows.checks.completeness import Facts, judge


def test_it_names_each_missing_identifier_once_in_the_order_of_the_form() -> None:
    """The summary lists missing answers, evidence and steps by identifier, each once."""
    finding = judge(Facts(("b", "a", "b"), (), ("e",), ("x",), False, False))
    assert finding.summary == (
        "Missing answers: b, a; missing evidence: e; missing steps: declaration, terms."
    )
    assert [line.label for line in finding.detail] == [
        "Missing answers",
        "Missing evidence",
        "Missing steps",
    ]
