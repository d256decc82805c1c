"""Sessions: a token whose row is looked up each time, and that ends in more ways than one."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.desk import sessions, tables
from tests.portal.ledger import history
from workflows.actors import Strength


def _later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=False)


def test_a_session_is_found_by_its_token_alone(either_app: Flask) -> None:
    """A token names its account and strength; another token nothing; the row holds a digest."""
    token = sessions.start("acc_1", Strength.PASSKEY)
    assert sessions.find(token) == sessions.Session("acc_1", Strength.PASSKEY)
    assert sessions.find(token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert len(token) >= 43  # 256 bits
    assert token not in str(history.rows(tables.sessions))


@pytest.mark.parametrize(("minutes", "there"), [(119, True), (121, False)])
def test_a_session_idles_away_after_two_hours(app: Flask, minutes: int, there: bool) -> None:
    """Nobody has been seen for two hours: the session is over."""
    token = sessions.start("acc_1", Strength.LINK)
    with _later(minutes=minutes):
        assert (sessions.find(token) is not None) is there


def test_being_seen_keeps_a_session_until_its_absolute_end(app: Flask) -> None:
    """Every look moves the idle end, and none moves the end after twelve hours."""
    token = sessions.start("acc_1", Strength.LINK)
    begun = clock.now()
    for hour in range(1, 12):
        with time_machine.travel(begun + timedelta(hours=hour), tick=False):
            assert sessions.find(token) is not None, hour
    with time_machine.travel(begun + timedelta(hours=11, minutes=59), tick=False):
        assert sessions.find(token) is not None
    with time_machine.travel(begun + timedelta(hours=12, minutes=1), tick=False):
        assert sessions.find(token) is None


def test_a_step_up_replaces_the_session(app: Flask) -> None:
    """A new session in place of another ends that one: a stolen older cookie is worth nothing."""
    old = sessions.start("acc_1", Strength.LINK)
    new = sessions.start("acc_1", Strength.PASSKEY, instead_of=old)
    assert sessions.find(old) is None
    assert sessions.find(new) == sessions.Session("acc_1", Strength.PASSKEY)


def test_signing_out_ends_one_session_and_all_ends_all(app: Flask) -> None:
    """Ending a session leaves the person's others; ending all leaves other people's."""
    one, two = (sessions.start("acc_1", Strength.LINK) for _ in range(2))
    other = sessions.start("acc_2", Strength.LINK)
    sessions.end(one)
    assert sessions.find(one) is None
    assert sessions.find(two) is not None
    sessions.end_all("acc_1")
    assert sessions.find(two) is None
    assert sessions.find(other) is not None
