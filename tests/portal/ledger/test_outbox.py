"""Jobs: written with their event, worked at least once, never dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.boards import applications
from portal.extensions import db
from portal.ledger import outbox, perform
from portal.ledger.database import writing
from portal.ledger.tables import jobs
from portal.tasks import make_check, run
from tests import builders
from tests.portal.ledger import history
from workflows.application.commands.withdraw import Withdraw
from workflows.reactions import Effect


def _job(job_id: str) -> object:
    with db.engine.connect() as connection:
        return connection.execute(select(jobs).where(jobs.c.id == job_id)).one()


def _write(effect: Effect) -> str | None:
    with writing() as connection:
        return outbox.write(connection, effect)


def _later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=False)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """A kind of job, `noted`, whose payloads are kept here."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(run, "kinds", lambda: {"noted": found.append, "broken": _broken})
    return found


def _broken(payload: dict[str, str]) -> None:
    raise RuntimeError("not today")


def test_a_job_goes_with_its_transaction(either_app: Flask) -> None:
    """A job that is written in a transaction that fails is not there, and can be written again."""
    effect = Effect("noted", "once", {"a": "b"})
    before = history.written()["jobs"]
    try:
        with writing() as connection:
            assert outbox.write(connection, effect)
            raise RuntimeError("the event could not be written")
    except RuntimeError:
        pass
    assert history.written()["jobs"] == before
    assert _write(effect)
    assert history.written()["jobs"] == before + 1


def test_the_same_key_is_the_same_work(either_app: Flask) -> None:
    """A second effect with a key is no second job, also when eight write it at once."""
    assert _write(Effect("noted", "key", {"n": "1"}))
    assert _write(Effect("noted", "key", {"n": "2"})) is None
    outcomes = history.at_once(
        either_app, [lambda: _write(Effect("noted", "other", {"n": "1"}))] * 8
    )
    assert sum(o is not None for o in outcomes) == 1, outcomes


def test_one_worker_takes_a_job(either_app: Flask) -> None:
    """Eight workers reach for one job: one has it, and works it with what was written."""
    job_id = _write(Effect("noted", "key", {"n": "1"}))
    assert job_id
    outcomes = history.at_once(either_app, [lambda: outbox.take(job_id)] * 8)
    (taken,) = [o for o in outcomes if o is not None]
    assert taken == outbox.Job(job_id, "noted", {"n": "1"}, 1)
    assert outbox.take(job_id) is None
    assert outbox.running(["key", "none"]) == {"key"}
    outbox.finish(taken)
    assert outbox.running(["key"]) == set()
    with _later(hours=1):
        assert outbox.take(job_id) is None


def test_a_job_whose_worker_died_is_taken_again(either_app: Flask) -> None:
    """Until its lease has run out a job is held; after it, the next worker has it."""
    job_id = _write(Effect("noted", "key", {}))
    assert job_id
    assert outbox.take(job_id)
    with _later(seconds=outbox.LEASE_SECONDS - 1):
        assert outbox.take(job_id) is None
        assert job_id not in outbox.due(100)
    with _later(seconds=outbox.LEASE_SECONDS + 1):
        assert job_id in outbox.due(100)
        again = outbox.take(job_id)
    assert again is not None
    assert again.attempts == 2


def test_a_failing_job_backs_off_and_is_never_dropped(
    app: Flask, worked: list[dict[str, str]]
) -> None:
    """Each failure waits twice as long, five minutes at most, with the error's kind kept."""
    job_id = _write(Effect("broken", "key", {}))
    assert job_id
    waits = []
    at = clock.now()
    for _ in range(12):
        with time_machine.travel(at, tick=False):
            assert not run.run(job_id)
            row = _job(job_id)
            assert (row.done_at, row.error, row.lease_until) == ("", "RuntimeError", "")
            assert not run.run(job_id)  # not due yet
        due = clock.parse(row.due)
        waits.append(round((due - at).total_seconds()))
        at = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert worked == []


def test_due_work_is_done_without_any_broker(
    app: Flask, worked: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody rings: the sweeper finds what is due in order of its time, and leaves the rest."""
    monkeypatch.setattr(outbox, "ring", [])
    now = clock.now()
    for n, seconds in ((1, -10), (2, -20), (3, 600)):
        _write(Effect("noted", f"k{n}", {"n": str(n)}, due=clock.iso(now + timedelta(0, seconds))))
    _write(Effect("broken", "k4", {}))
    assert run.run_due() == 2
    assert worked == [{"n": "2"}, {"n": "1"}]
    assert run.run_due() == 0
    with _later(minutes=11):
        assert run.run_due() == 1
    assert worked[-1] == {"n": "3"}


def test_an_enqueued_effect_is_announced_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that no event causes rings when it is new, and is silent when it stands there."""
    heard: list[str] = []
    monkeypatch.setattr(outbox, "ring", [heard.append])
    outbox.enqueue(Effect("noted", "key", {}))
    outbox.enqueue(Effect("noted", "key", {}))
    assert len(heard) == 1
    assert _job(heard[0]).key == "key"


def test_a_check_made_twice_is_recorded_once(either_app: Flask) -> None:
    """A task whose worker died after it recorded runs again and changes nothing."""
    org = builders.organization()
    application = builders.submit(org)
    payload = {"application": application, "check": "completeness", "round": "1"}
    make_check.work(payload)
    first = history.entries(application)
    assert first.count("CheckRecorded") == 1
    make_check.work(payload)
    history.at_once(either_app, [lambda: make_check.work(payload)] * 3)
    assert history.entries(application) == first
    both = {**payload, "check": "sanctions_name"}
    outcomes = history.at_once(either_app, [lambda: make_check.work(both)] * 4)
    assert outcomes == [None] * 4
    assert history.entries(application).count("CheckRecorded") == 2


def test_a_check_of_a_withdrawn_application_is_let_go(app: Flask) -> None:
    """The job of a check that nobody needs any more finishes and records nothing."""
    org = builders.organization()
    application = builders.submit(org)
    perform(Withdraw(application), org.owner)
    before = history.entries(application)
    make_check.work({"application": application, "check": "completeness", "round": "1"})
    assert history.entries(application) == before
    assert applications.for_robot(application).phase == "withdrawn"
