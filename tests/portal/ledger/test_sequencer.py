"""Global positions: gapless, unique, and never passing an event by."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.ledger import perform, sequencer, store, verify
from portal.ledger.database import writing
from portal.ledger.tables import positions, unplaced
from tests import builders
from tests.portal.ledger import history
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.events import MemberRemoved


def _placed() -> list[tuple[int, str, int]]:
    with db.engine.connect() as connection:
        query = select(positions.c.position, positions.c.stream, positions.c.seq)
        return [tuple(row) for row in connection.execute(query.order_by(positions.c.position))]


def test_positions_are_gapless_and_unique_with_four_at_once(either_app: Flask) -> None:
    """Four that place at once, while others write, give each entry one position and leave none."""
    orgs = [builders.organization(f"Org {n}", f"org{n}.example") for n in range(2)]

    def place() -> int:
        return sum(sequencer.place(limit=7) for _ in range(20))

    def write(org: builders.Org) -> None:
        for _ in range(5):
            builders.submit(org)

    works = [place] * 4 + [lambda org=org: write(org) for org in orgs]
    outcomes = history.at_once(either_app, works)
    assert not [o for o in outcomes if isinstance(o, Exception)], outcomes
    rest = sequencer.place_all()
    found = _placed()
    assert [position for position, _, _ in found] == list(range(1, len(found) + 1))
    assert len({(stream, seq) for _, stream, seq in found}) == len(found)
    assert sum(outcomes[:4]) + rest == len(found) == history.written()["events"]
    assert history.written()["unplaced"] == 0
    assert verify.verify().ok


def test_an_event_that_commits_late_is_placed_late(postgres_app: Flask) -> None:
    """An earlier entry whose transaction commits after a later one's was placed gets its place."""
    sequencer.place_all()
    event = (MemberRemoved(account="acc_x"),)
    with writing() as slow:
        read, new = {"org_early": store.load(slow, "org_early")}, {"org_early": event}
        store.append(slow, read, new, at="2026-01-01T00:00:00.000000Z", actor="acc_x")
        later = builders.organization()
        assert sequencer.place_all() > 0
        before = _placed()
        assert later.id in {stream for _, stream, _ in before}
        assert "org_early" not in {stream for _, stream, _ in before}
    assert sequencer.place_all() == 1
    after = _placed()
    assert after == [*before, (len(before) + 1, "org_early", 1)]


def test_a_clock_that_steps_back_leaves_a_stream_in_its_order(either_app: Flask) -> None:
    """Entries written while the clock went backwards are placed in the order of their numbers."""
    org = builders.organization()
    sequencer.place_all()
    for hours in (2, 1, 0):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            perform(ClaimDomain(org.id, org.domain, f"ta-{hours}", "2030-01-01"), org.owner)
    while sequencer.place(limit=1):
        pass
    seqs = [seq for _, stream, seq in _placed() if stream == org.id]
    assert seqs == sorted(seqs)
    assert len(seqs) == 5
    assert verify.verify().ok


def test_only_one_places_at_a_time(postgres_app: Flask) -> None:
    """While one sequencer holds the lock another places nothing and does not wait for it."""
    builders.organization()
    with writing() as holder:
        holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({sequencer._ADVISORY_LOCK})")
        assert sequencer.place() == 0
    assert sequencer.place() > 0


def test_placing_takes_from_the_waiting_list_what_it_placed(app: Flask) -> None:
    """With a limit, exactly that many are placed and the others go on waiting."""
    builders.organization()
    waiting = history.written()["unplaced"]
    assert sequencer.place(limit=3) == 3
    with db.engine.connect() as connection:
        left = connection.execute(select(unplaced.c.stream, unplaced.c.seq)).all()
    assert len(left) == waiting - 3
    assert {tuple(row) for row in left}.isdisjoint({(s, n) for _, s, n in _placed()})
