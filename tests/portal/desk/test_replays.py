"""Replays: what was seen once is not first a second time, however many ask at once."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask

from portal import clock
from portal.desk import replays
from portal.ledger.database import writing
from tests.portal.ledger import history


def _first(*parts: str, expires: int | None = None) -> bool:
    with writing() as connection:
        end = clock.epoch() + 60 if expires is None else expires
        return replays.first_time(connection, *parts, expires=end)


def test_exactly_one_of_eight_is_first(either_app: Flask) -> None:
    """Eight threads bring the same identifier, twenty rounds: one is first each time."""
    for round_ in range(20):
        outcomes = history.at_once(either_app, [lambda r=round_: _first("dpop", str(r))] * 8)
        assert sorted(outcomes) == [False] * 7 + [True], round_


def test_what_makes_it_one_is_joined_without_ambiguity(app: Flask) -> None:
    """Each part counts, and moving a letter from one part to the next is another thing."""
    assert _first("dpop", "client", "jti")
    assert not _first("dpop", "client", "jti")
    for other in (("assertion", "client", "jti"), ("dpop", "clientj", "ti"), ("dpop", "client")):
        assert _first(*other), other


def test_a_request_that_is_rolled_back_was_not_seen(app: Flask) -> None:
    """An identifier counts as seen with the transaction that saw it, or not at all."""
    try:
        with writing() as connection:
            assert replays.first_time(connection, "dpop", "x", expires=clock.epoch() + 60)
            raise RuntimeError("the request fails")
    except RuntimeError:
        pass
    assert _first("dpop", "x")


def test_pruning_forgets_only_what_has_expired(either_app: Flask) -> None:
    """What would still be accepted, also after a clock stepped back, stays known; the rest goes."""
    now = clock.epoch()
    _first("early", expires=now + 10)
    _first("late", expires=now + 100)
    assert replays.prune() == 0
    with time_machine.travel(
        clock.now() + timedelta(seconds=50 + replays.BACK_SECONDS), tick=False
    ):
        assert replays.prune() == 1
        assert not _first("late", expires=now + 100)
        assert _first("early", expires=now + 10)
