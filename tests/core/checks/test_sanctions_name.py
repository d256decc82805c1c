"""Sanctions: what a likeness weighs, and that a hit is never a denial."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.checks import Verdict
from workflows.checks.sanctions_name import (
    EXAMPLES,
    PENALTIES,
    THRESHOLD,
    WEIGHTS,
    Candidate,
    judge,
    weigh,
)

CLEAR = EXAMPLES[0].facts
STRENGTHS = st.dictionaries(
    st.sampled_from([*WEIGHTS, *PENALTIES]), st.integers(0, 1000), max_size=6
)


def candidate(**features: int) -> Candidate:
    return Candidate("l:1", "00", tuple(features.items()), "LISTED", "MATCHED", "Subject")


@pytest.mark.parametrize(
    ("features", "score"),
    [
        ({"name": 1000}, 1000),
        ({"lei": 1000}, 950),
        ({"identifier": 1000}, 850),
        ({"weak_alias": 1000}, 800),
        ({"name": 500, "weak_alias": 1000}, 800),
        ({"name": 1000, "country_mismatch": 1000}, 800),
        ({"name": 1000, "numbers_mismatch": 1000}, 750),
        ({"name": 1000, "numbers_mismatch": 1000, "country_mismatch": 1000}, 550),
        ({"identifier": 1000, "country_mismatch": 1000}, 650),
        ({"identifier": 1000, "numbers_mismatch": 1000}, 850),
        ({"lei": 1000, "country_mismatch": 1000, "numbers_mismatch": 1000}, 950),
        ({"name": 100, "country_mismatch": 1000}, 0),
        ({"country_mismatch": 1000}, 0),
        ({}, 0),
    ],
)
def test_the_published_weights_and_penalties(features: dict[str, int], score: int) -> None:
    """The best weighted feature, less what speaks against it, is the score."""
    assert weigh(candidate(**features)) == score


@given(st.lists(STRENGTHS, max_size=4))
def test_a_hit_is_never_a_denial_and_never_a_pass(many: list[dict[str, int]]) -> None:
    """Whatever the likenesses, a fresh list gives a person exactly at the threshold and up."""
    facts = replace(CLEAR, candidates=tuple(candidate(**features) for features in many))
    finding = judge(facts)
    best = max((weigh(c) for c in facts.candidates), default=0)
    assert finding.score == best
    assert finding.verdict is (Verdict.NEEDS_HUMAN if best >= THRESHOLD else Verdict.PASS)


def test_freshness_ends_with_the_second() -> None:
    """At the maximal age a list still counts; a second later, or before its import, it is stale."""
    imported = CLEAR.list_imported_at
    assert imported is not None
    last = imported + timedelta(seconds=CLEAR.max_age)
    assert judge(replace(CLEAR, looked_at=last)).verdict is Verdict.PASS
    for at in (last + timedelta(seconds=1), imported - timedelta(seconds=1)):
        assert judge(replace(CLEAR, looked_at=at)).verdict is Verdict.STALE


def test_names_stay_in_the_vault() -> None:
    """The summary counts; only the detail names the subject, the entry and the spelling."""
    finding = judge(replace(CLEAR, candidates=(candidate(name=900), candidate(name=699))))
    assert finding.summary.startswith("1 entry at or above 700 per mille, the best at 900")
    told = " ".join(line.text for line in finding.detail)
    for name in ("LISTED", "MATCHED", "Subject"):
        assert name in told
        assert name not in finding.summary
    assert len(finding.detail) == 3


def test_an_unknown_feature_or_strength_is_refused() -> None:
    """A misspelled feature cannot quietly weigh nothing."""
    with pytest.raises(ValueError, match="unknown feature"):
        candidate(nmae=1000)
    with pytest.raises(ValueError, match="per mille"):
        candidate(name=1001)
