"""The chain: what a rogue database administrator does to the rows, and how it is found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text

from portal.extensions import db
from portal.ledger import chain, codec, store, verify
from portal.ledger.database import writing
from portal.ledger.sequencer import place_all
from tests import builders

Tamper = Callable[[Connection, str], None]


def _sql(rows: Connection, statement: str, **values: object) -> None:
    assert rows.execute(text(statement), values).rowcount


def _one(rows: Connection, statement: str, **values: object) -> tuple[Any, ...]:
    return tuple(rows.execute(text(statement), values).one())


def story() -> str:
    """A placed ledger with an application of many entries in its middle; returns its id."""
    org = builders.organization()
    application = builders.submit(org)
    builders.pass_checks(application)
    builders.submit(org)
    place_all()
    return application


def edited_data(rows: Connection, stream: str) -> None:
    data = "REPLACE(data, 'completeness', 'completenesz')"
    _sql(rows, f"UPDATE events SET data = {data} WHERE stream = :s AND seq = 3", s=stream)


def edited_actor(rows: Connection, stream: str) -> None:
    _sql(rows, "UPDATE events SET actor = 'acc_other' WHERE stream = :s AND seq = 3", s=stream)


def edited_time(rows: Connection, stream: str) -> None:
    _sql(
        rows,
        "UPDATE events SET at = '2020-01-01T00:00:00.000000Z' WHERE stream = :s AND seq = 3",
        s=stream,
    )


COLUMNS = "stream, seq, kind, name, version, at, actor, data, prev, digest"


def _values(rows: Connection, stream: str, seq: int) -> dict[str, object]:
    found = _one(
        rows, f"SELECT {COLUMNS} FROM events WHERE stream = :s AND seq = :n", s=stream, n=seq
    )
    return dict(zip(COLUMNS.split(", "), found, strict=True))


def _insert(rows: Connection, values: dict[str, object]) -> None:
    names = ", ".join(f":{name}" for name in values)
    _sql(rows, f"INSERT INTO events ({', '.join(values)}) VALUES ({names})", **values)


def inserted(rows: Connection, stream: str) -> None:
    """An entry of one's own between two others, with a digest that is right for itself."""
    _sql(rows, "UPDATE events SET seq = seq + 100 WHERE stream = :s AND seq >= 3", s=stream)
    _sql(rows, "UPDATE events SET seq = seq - 99 WHERE stream = :s AND seq >= 103", s=stream)
    before = _values(rows, stream, 2)
    forged = {**before, "seq": 3, "data": '{"check":"x","round":9}', "prev": before["digest"]}
    del forged["digest"]
    _insert(rows, {**forged, "digest": chain.digest(**forged)})  # type: ignore[arg-type]


def swapped(rows: Connection, stream: str) -> None:
    _sql(rows, "UPDATE events SET seq = 103 WHERE stream = :s AND seq = 3", s=stream)
    _sql(rows, "UPDATE events SET seq = 3 WHERE stream = :s AND seq = 4", s=stream)
    _sql(rows, "UPDATE events SET seq = 4 WHERE stream = :s AND seq = 103", s=stream)


def deleted_from_the_middle(rows: Connection, stream: str) -> None:
    _sql(rows, "DELETE FROM events WHERE stream = :s AND seq = 3", s=stream)


def tail_cut(rows: Connection, stream: str) -> None:
    last = _one(rows, "SELECT seq FROM streams WHERE id = :s", s=stream)[0]
    _sql(rows, "DELETE FROM events WHERE stream = :s AND seq = :n", s=stream, n=last)


def tail_and_head_cut(rows: Connection, stream: str) -> None:
    tail_cut(rows, stream)
    _head_back(rows, stream)


def _head_back(rows: Connection, stream: str) -> None:
    seq = "(SELECT MAX(seq) FROM events WHERE stream = :s)"
    digest = f"(SELECT digest FROM events WHERE stream = :s AND seq = {seq})"
    _sql(rows, f"UPDATE streams SET seq = {seq}, digest = {digest} WHERE id = :s", s=stream)


def head_edited(rows: Connection, stream: str) -> None:
    _sql(rows, f"UPDATE streams SET digest = '{'a' * 64}' WHERE id = :s", s=stream)


def head_gone(rows: Connection, stream: str) -> None:
    _sql(rows, "DELETE FROM streams WHERE id = :s", s=stream)


def stream_deleted(rows: Connection, stream: str) -> None:
    for table, column in (("events", "stream"), ("streams", "id")):
        _sql(rows, f"DELETE FROM {table} WHERE {column} = :s", s=stream)


def _position(rows: Connection, stream: str, seq: int) -> int:
    found = _one(
        rows, "SELECT position FROM positions WHERE stream = :s AND seq = :n", s=stream, n=seq
    )
    return int(found[0])


def _swap_positions(rows: Connection, one: int, two: int) -> None:
    """Two rows change places with all that they hold."""
    for here, there in ((one, -1), (two, one), (-1, two)):
        _sql(rows, "UPDATE positions SET position = :t WHERE position = :h", h=here, t=there)


def positions_swapped(rows: Connection, stream: str) -> None:
    _swap_positions(rows, _position(rows, stream, 3), _position(rows, stream, 4))


def digests_of_positions_swapped(rows: Connection, stream: str) -> None:
    one, two = _position(rows, stream, 3), _position(rows, stream, 3) - 1
    digest = "SELECT digest FROM positions WHERE position = :p"
    (first,), (second,) = _one(rows, digest, p=one), _one(rows, digest, p=two)
    _sql(rows, "UPDATE positions SET digest = :d WHERE position = :p", d=second, p=one)
    _sql(rows, "UPDATE positions SET digest = :d WHERE position = :p", d=first, p=two)


def position_missing(rows: Connection, stream: str) -> None:
    _sql(rows, "DELETE FROM positions WHERE position = :p", p=_position(rows, stream, 3))


def placed_nowhere(rows: Connection, stream: str) -> None:
    """A forged last entry, chained and with its head, but unknown to the order."""
    (last,) = _one(rows, "SELECT seq FROM streams WHERE id = :s", s=stream)
    before = _values(rows, stream, last)
    forged = {**before, "seq": last + 1, "prev": before["digest"]}
    del forged["digest"]
    _insert(rows, {**forged, "digest": chain.digest(**forged)})  # type: ignore[arg-type]
    _head_back(rows, stream)


FOUND = [
    (edited_data, "{s} entry 3: its content does not match its digest (edited)"),
    (edited_actor, "{s} entry 3: its content does not match its digest (edited)"),
    (edited_time, "{s} entry 3: its content does not match its digest (edited)"),
    (inserted, "{s} entry 4: does not follow the entry before it (inserted or moved)"),
    (swapped, "{s} entry 3: does not follow the entry before it (inserted or moved)"),
    (deleted_from_the_middle, "{s} entry 4: entry 3 is missing before it (gap)"),
    (tail_cut, "{s}: its head says 9 entries, 8 are there (cut)"),
    (tail_and_head_cut, "({s} entry 9): the entry is gone (removed)"),
    (head_edited, "{s}: its head's digest is not its last entry's (edited)"),
    (head_gone, "{s}: its head is gone (removed)"),
    (stream_deleted, "({s} entry 1): the entry is gone (removed)"),
    (positions_swapped, "({s} entry 4): entry 3 has no place before it (moved)"),
    (digests_of_positions_swapped, "the entry is not the one that was placed (edited or moved)"),
    (position_missing, "is missing before it (gap)"),
    (placed_nowhere, "an entry stands outside the order (inserted)"),
]


@contextmanager
def tampering() -> Iterator[Connection]:
    """A transaction to change rows in that is rolled back, so that one ledger serves all."""
    db.session.rollback()
    with db.engine.connect() as rows:
        yield rows
        rows.rollback()


def test_the_first_bad_entry_is_named(either_app: Flask) -> None:
    """Each way of changing rows behind the portal's back is found, with the entry it is at."""
    stream = story()
    for tamper, words in FOUND:
        with tampering() as rows:
            whole = verify.verify_on(rows)
            assert whole.ok, whole.bad
            tamper(rows, stream)
            verdict = verify.verify_on(rows)
        assert not verdict.ok, tamper.__name__
        assert words.format(s=stream) in verdict.bad, tamper.__name__


def test_an_untouched_ledger_holds(either_app: Flask) -> None:
    """Nothing is wrong with a ledger that only the portal wrote, placed or not placed yet."""
    org = builders.organization()
    builders.submit(org)
    waiting = verify.verify()
    assert (waiting.ok, waiting.bad, waiting.placed) == (True, "", 0)
    assert waiting.unplaced == waiting.entries > 0
    place_all()
    placed = verify.verify()
    assert (placed.ok, placed.unplaced) == (True, 0)
    assert placed.placed == placed.entries == waiting.entries
    assert placed.streams == waiting.streams


def test_a_cut_tail_with_head_and_positions_is_not_seen_today(either_app: Flask) -> None:
    """What waits for checkpoints is said: the end cut off everywhere leaves nothing to tell."""
    story()
    with tampering() as rows:
        end = "SELECT stream FROM positions ORDER BY position DESC LIMIT 1"
        (last,) = _one(rows, end)
        tail_and_head_cut(rows, last)
        assert not verify.verify_on(rows).ok
        _sql(rows, "DELETE FROM positions WHERE position = (SELECT MAX(position) FROM positions)")
        assert verify.verify_on(rows).ok
    waits = "a stream's tail cut off together with its head and positions"
    assert waits in verify.WAITS_FOR_CHECKPOINTS


def test_entries_of_two_streams_that_changed_places_are_not_seen_today(app: Flask) -> None:
    """The order between streams waits for checkpoints too, and is named as waiting."""
    stream = story()
    with tampering() as rows:
        one = _position(rows, stream, 1)
        (other,) = _one(rows, "SELECT stream FROM positions WHERE position = :p", p=one - 1)
        assert other != stream
        _swap_positions(rows, one, one - 1)
        assert verify.verify_on(rows).ok
    assert any("different streams" in words for words in verify.WAITS_FOR_CHECKPOINTS)


def test_verifying_while_others_write_raises_no_false_alarm(either_app: Flask) -> None:
    """The ledger is read as of one moment: entries that come meanwhile are not called inserted."""
    org = builders.organization()
    builders.submit(org)
    stop = threading.Event()

    def write() -> None:
        with either_app.app_context():
            while not stop.is_set():
                builders.submit(org)
                place_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        verdicts = [verify.verify() for _ in range(25)]
    finally:
        stop.set()
        thread.join(30)
    assert [v.bad for v in verdicts if not v.ok] == []
    assert verdicts[-1].entries > verdicts[0].entries


def test_progress_is_told(app: Flask) -> None:
    """Verifying tells how far it is, for a terminal, each thousand entries."""
    told: list[int] = []
    verify.verify(told.append)
    assert told == []  # fewer than a thousand
    _many(1000)
    verify.verify(told.append)
    assert told == [1000]


def _many(count: int) -> None:
    with writing() as connection:
        read = {"org_many": store.load(connection, "org_many")}
        event = codec.decode("organization", "MemberRemoved", 1, '{"account":"acc_x"}')
        new = {"org_many": (event,) * count}
        store.append(connection, read, new, at="2026-01-01T00:00:00.000000Z", actor="acc_x")
