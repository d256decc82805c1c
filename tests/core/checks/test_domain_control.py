"""Domain control: the exact token, in time, or the reason why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workflows.checks import Verdict
from workflows.checks.domain_control import EXAMPLES, Facts, Outcome, judge

FOUND = EXAMPLES[0].facts
THEIRS = {Outcome.NO_NAME, Outcome.NO_RECORD, Outcome.TOO_LARGE}


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.ANSWERED])
def test_only_an_answer_can_fail_anybody(outcome: Outcome) -> None:
    """What the applicant can mend fails, and what the network did is unavailable."""
    verdict = judge(replace(FOUND, outcome=outcome, values=())).verdict
    assert verdict is (Verdict.FAIL if outcome in THEIRS else Verdict.UNAVAILABLE)


def test_the_last_moment_counts_and_the_next_does_not() -> None:
    """A token proves until the very microsecond before it expires."""
    assert FOUND.expires_at is not None
    before = FOUND.expires_at - timedelta(microseconds=1)
    assert judge(replace(FOUND, looked_at=before)).verdict is Verdict.PASS
    late = judge(replace(FOUND, looked_at=FOUND.expires_at))
    assert late.verdict is Verdict.FAIL
    assert "expired at 2026-01-08T00:00:00Z" in late.summary


@pytest.mark.parametrize("value", ['"tap-7f3kq9"', " tap-7f3kq9", "TAP-7F3KQ9"])
def test_a_near_miss_fails_and_says_what_is_nearly_right(value: str) -> None:
    """Quotes, spaces or another case do not prove anything, and the finding names them."""
    finding = judge(replace(FOUND, values=(value,)))
    assert finding.verdict is Verdict.FAIL
    assert "quotes, spaces or another case" in finding.summary


def test_the_summary_holds_neither_domain_nor_values() -> None:
    """Names and found values are for the vault; the remedy tells where to publish what."""
    finding = judge(replace(FOUND, values=("secret-of-another",)))
    assert FOUND.domain not in finding.summary
    assert "secret-of-another" not in finding.summary
    told = " ".join(line.text for line in finding.detail)
    assert "_trusted-access-challenge.defender.example" in told
    assert "secret-of-another" in told


def test_facts_that_make_no_sense_are_refused() -> None:
    """A time without a zone, or values without an answer are programming errors."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        Facts("a.example", "t", None, now.replace(tzinfo=None), Outcome.NO_NAME)
    with pytest.raises(ValueError, match="cannot carry values"):
        Facts("a.example", "t", None, now, Outcome.TIMEOUT, ("t",))
