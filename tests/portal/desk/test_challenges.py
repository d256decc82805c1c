"""WebAuthn challenges: once, for one purpose, one person, five minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.desk import challenges, tables
from tests.portal.ledger import history


def test_a_challenge_is_answered_once(either_app: Flask) -> None:
    """Of eight answers at the same moment one counts, and no later one."""
    challenge = challenges.make("sign-in", "")
    outcomes = history.at_once(either_app, [lambda: challenges.spend(challenge, "sign-in", "")] * 8)
    assert sorted(outcomes) == [False] * 7 + [True]
    assert not challenges.spend(challenge, "sign-in", "")
    assert len(challenge) == 32


@pytest.mark.parametrize(
    ("purpose", "subject"), [("sign-in", "acc_1"), ("register", "acc_2"), ("register", "")]
)
def test_a_challenge_serves_its_purpose_and_person(app: Flask, purpose: str, subject: str) -> None:
    """Answered for something else or by somebody else it does not count, and is not spent."""
    challenge = challenges.make("register", "acc_1")
    assert not challenges.spend(challenge, purpose, subject)
    assert challenges.spend(challenge, "register", "acc_1")


@pytest.mark.parametrize(("seconds", "counts"), [(299, True), (301, False)])
def test_a_challenge_lives_five_minutes(app: Flask, seconds: int, counts: bool) -> None:
    """After five minutes an answer comes too late."""
    challenge = challenges.make("sign-in", "")
    with time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=False):
        assert challenges.spend(challenge, "sign-in", "") is counts


def test_the_expired_are_cleared_away(app: Flask) -> None:
    """Making a challenge removes what expired; what was never made is not spent."""
    challenges.make("sign-in", "")
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        challenges.make("sign-in", "")
    assert len(history.rows(tables.challenges)["challenges"]) == 1
    assert not challenges.spend(b"x" * 32, "sign-in", "")
