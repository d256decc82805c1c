"""Several at once: each is recorded, or exactly one wins and the others are told."""

from __future__ import annotations

import os
from typing import Any

import pytest
from flask import Flask

from portal import ids, vault
from portal.boards import applications, grants
from portal.extensions import db
from portal.ledger import Recorded, perform, verify
from portal.ledger.sequencer import place_all
from tests import builders
from tests.portal.ledger import history
from workflows.application.commands.review import Review
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.errors import Conflict, NotNow, Refused
from workflows.organization.commands.register import Register

SOAK = os.environ.get("PORTAL_SOAK") == "1"
ROUNDS, THREADS = (1000, 16) if SOAK else (30, 4)


def _seated(org: builders.Org, people: builders.Staff) -> str:
    application = builders.submit(org)
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        perform(TakeSeat(application, no_conflict=True), reviewer)
    return application


def _word(application: str, org: builders.Org) -> Review:
    scores = {c.id: 2 for c in builders.programs.named("cyber-defense").rubric}
    return Review(application, "approve", scores, vault.put(org.id, "In order."))


def test_two_reviews_at_once_are_both_recorded(either_app: Flask) -> None:
    """Two reviewers press the button together; the loser is decided again and hears nothing."""
    people, org = builders.staff(), builders.organization()
    for _ in range(5):
        application = _seated(org, people)
        one, two = (_word(application, org) for _ in people.reviewers)
        outcomes = history.at_once(
            either_app,
            [
                lambda c=one: perform(c, people.reviewers[0]),
                lambda c=two: perform(c, people.reviewers[1]),
            ],
        )
        assert all(isinstance(o, Recorded) for o in outcomes), outcomes
        names = history.entries(application)
        assert names.count("Reviewed") == 2
        assert names[-1] == "StageOpened"  # the second of the two opened the decision, once
        assert names.count("StageOpened") == 3
        db.session.rollback()
        assert applications.get(application, people.auditor).phase == "deciding"
        assert len(applications.reviews_of(application, people.auditor)) == 2


def test_the_same_submission_twice_is_one_application(either_app: Flask) -> None:
    """A double click sends one id twice: one wins, the other is told that it is there already."""
    org = builders.organization()
    for _ in range(5):
        stream = ids.new("org")
        commands = [Register(stream, name=vault.put(stream, "Twice")) for _ in range(THREADS)]
        outcomes = history.at_once(
            either_app, [lambda c=c: perform(c, org.owner) for c in commands]
        )
        assert sum(isinstance(o, Recorded) for o in outcomes) == 1, outcomes
        assert sum(isinstance(o, NotNow) for o in outcomes) == THREADS - 1, outcomes
        assert history.entries(stream) == ["Registered"]


def test_the_same_application_sent_twice_is_one(
    either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two submissions of one draft at once: one application, one set of checks, one told no."""
    org = builders.organization()
    stream = ids.new("app")
    real = ids.new
    monkeypatch.setattr(ids, "new", lambda prefix: stream if prefix == "app" else real(prefix))
    outcomes = history.at_once(either_app, [lambda: builders.submit(org)] * 2)
    monkeypatch.undo()
    assert sorted(type(o).__name__ for o in outcomes) == ["NotNow", "str"], outcomes
    assert history.entries(stream).count("Submitted") == 1
    assert history.entries(stream).count("CheckRequested") == 3


def _one_of_each(kinds: list[str]) -> list[str]:
    """THREADS tasks, of each kind as near to equally many as can be."""
    return [kinds[n % len(kinds)] for n in range(THREADS)]


def _settled(outcomes: list[Any]) -> int:
    """How many succeeded; whatever did not must be a refusal in words."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, NotNow | Conflict):
            raise outcome
    return sum(not isinstance(o, Refused) for o in outcomes)


def _decide_against_withdraw(app: Flask) -> None:
    people, org = builders.staff(), builders.organization()
    for _ in range(ROUNDS):
        application = _seated(org, people)
        for reviewer in people.reviewers:
            perform(_word(application, org), reviewer)
        works = {
            "decide": lambda a=application: builders.decide(a, people.decider),
            "withdraw": lambda a=application: perform(Withdraw(a), org.owner),
        }
        outcomes = history.at_once(app, [works[k] for k in _one_of_each(list(works))])
        names = history.entries(application)
        assert _settled(outcomes) == 1, outcomes
        assert names.count("Decided") + names.count("Withdrawn") == 1
        db.session.rollback()
        row = applications.get(application, people.auditor)
        assert row.phase == ("approved" if "Decided" in names else "withdrawn")
        opened = [g for g in grants.for_staff(people.auditor) if g.application == application]
        assert len(opened) == names.count("Decided")


def _review_against_withdraw(app: Flask) -> None:
    people, org = builders.staff(), builders.organization()
    for _ in range(ROUNDS):
        application = _seated(org, people)
        perform(_word(application, org), people.reviewers[0])
        works = {
            "review": lambda a=application: perform(_word(a, org), people.reviewers[1]),
            "withdraw": lambda a=application: perform(Withdraw(a), org.owner),
        }
        outcomes = history.at_once(app, [works[k] for k in _one_of_each(list(works))])
        names = history.entries(application)
        succeeded = _settled(outcomes)
        assert names.count("Withdrawn") == 1  # possible before and after the last review
        assert names[-1] == "Withdrawn"
        assert names.count("Reviewed") in (1, 2)
        assert succeeded == 1 + (names.count("Reviewed") == 2), outcomes
        assert names.count("StageOpened") == names.count("Reviewed") + 1


RACES = [_decide_against_withdraw, _review_against_withdraw]


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES, ids=lambda r: r.__name__.strip("_"))
@pytest.mark.skipif(SOAK, reason="the long run is made on PostgreSQL")
def test_a_race_has_one_outcome(either_app: Flask, race: Any) -> None:
    """Last review, decision and withdrawal at once: one outcome, and the chain holds."""
    race(either_app)
    place_all()
    assert verify.verify().ok


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES, ids=lambda r: r.__name__.strip("_"))
@pytest.mark.skipif(not SOAK, reason="1,000 rounds x 16 threads run with PORTAL_SOAK=1")
def test_a_long_race_has_one_outcome(postgres_app: Flask, race: Any) -> None:
    """The same with 1,000 rounds of 16 threads each."""
    race(postgres_app)
    place_all()
    assert verify.verify().ok
