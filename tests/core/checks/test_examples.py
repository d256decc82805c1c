"""Each check's own examples, and the shape that every check has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import workflows.checks
from workflows.checks import Example, Finding, Line, Verdict

SHELF = Path(workflows.checks.__file__).parent
NAMES = sorted(p.stem for p in SHELF.glob("*.py") if p.stem not in {"__init__", "finding"})
CAN_GIVE = {
    "completeness": {Verdict.PASS, Verdict.FAIL},
    "domain_control": {Verdict.PASS, Verdict.FAIL, Verdict.UNAVAILABLE},
    "sanctions_name": {Verdict.PASS, Verdict.NEEDS_HUMAN, Verdict.STALE, Verdict.UNAVAILABLE},
}
EXAMPLES = [
    pytest.param(name, example, id=f"{name}: {example.title}")
    for name in NAMES
    for example in import_module(f"workflows.checks.{name}").EXAMPLES
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_each_example_gets_its_verdict(name: str, example: Example[object]) -> None:
    """A check judges each of its own examples as the example says, twice alike."""
    judge = import_module(f"workflows.checks.{name}").judge
    finding = judge(example.facts)
    assert finding.verdict is example.verdict
    assert judge(example.facts) == finding


@pytest.mark.parametrize("name", NAMES)
def test_each_check_says_who_it_is_and_shows_every_verdict_that_it_gives(name: str) -> None:
    """Every check has a version, a label, a source, and an example for each of its verdicts."""
    check = import_module(f"workflows.checks.{name}")
    assert isinstance(check.VERSION, int)
    assert check.VERSION >= 1
    assert check.LABEL
    assert check.SOURCE
    shown = {example.verdict for example in check.EXAMPLES}
    assert shown == CAN_GIVE.get(name, shown)


def test_a_finding_keeps_to_its_scale() -> None:
    """A score outside 0 to 1000 per mille, or no summary, is refused."""
    assert Finding(Verdict.PASS, 1000, "Fine.", (Line("a", "b"),)).score == 1000
    for score in (-1, 1001):
        with pytest.raises(ValueError, match="per mille"):
            Finding(Verdict.PASS, score, "Fine.")
    with pytest.raises(ValueError, match="summary"):
        Finding(Verdict.PASS, 0, " ")
