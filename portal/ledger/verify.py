"""Recomputing the whole chain, trusting nothing but the rows themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from portal.extensions import db
from portal.ledger import chain
from portal.ledger.database import is_sqlite
from portal.ledger.tables import events, positions, streams, unplaced

SEES = (
    "an entry that was edited",
    "an entry that was inserted into a stream",
    "entries that changed places",
    "an entry missing from the middle of a stream, or from the end of one whose head or "
    "position still tells of it",
)
WAITS_FOR_CHECKPOINTS = (
    "a stream's tail cut off together with its head and positions",
    "a whole stream removed together with its positions from the end of the order",
    "entries of different streams that changed places in the order between the streams",
    "an old copy of everything put back",
    "a history rewritten from its first changed entry to the end",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`bad` is the first bad entry as text, "" when every entry holds."""

    entries: int
    streams: int
    placed: int
    unplaced: int
    bad: str

    @property
    def ok(self) -> bool:
        return not self.bad


def verify(progress: Callable[[int], None] = lambda _entries: None) -> Verdict:
    """Check every entry's digest and link, every head, every position, as of one moment.

    Args:
        progress: called with the number of entries checked so far, every thousand.
    """
    with db.engine.connect() as connection:
        if not is_sqlite(connection):  # SQLite reads one snapshot anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
        return verify_on(connection, progress)


def verify_on(
    connection: Connection, progress: Callable[[int], None] = lambda _entries: None
) -> Verdict:
    """As `verify`, inside the caller's transaction: what it is about to commit."""
    waiting = connection.execute(select(func.count()).select_from(unplaced)).scalar_one()
    entries, found, bad = _streams(connection, progress)
    placed = connection.execute(select(func.count()).select_from(positions)).scalar_one()
    bad = bad or _heads(connection) or _positions(connection, entries, waiting)
    return Verdict(entries, found, placed, waiting, bad)


def _streams(connection: Connection, progress: Callable[[int], None]) -> tuple[int, int, str]:
    query = select(events).order_by(events.c.stream, events.c.seq)
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        return chain_of(rows, progress)


def chain_of(
    rows: Iterable[Any], progress: Callable[[int], None] = lambda _entries: None
) -> tuple[int, int, str]:
    """Entries and streams checked, and the first bad entry; rows come stream by stream."""
    stream, prev, seq, entries, found = "", chain.GENESIS, 0, 0, 0
    for row in rows:
        if row.stream != stream:
            stream, prev, seq, found = row.stream, chain.GENESIS, 0, found + 1
        seq += 1
        where = f"{row.stream} entry {row.seq}"
        if row.seq != seq:
            return entries, found, f"{where}: entry {seq} is missing before it (gap)"
        if row.prev != prev:
            return (
                entries,
                found,
                f"{where}: does not follow the entry before it (inserted or moved)",
            )
        computed = chain.digest(
            stream=row.stream, seq=row.seq, kind=row.kind, name=row.name, version=row.version,
            at=row.at, actor=row.actor, data=row.data, prev=row.prev,
        )  # fmt: skip
        if computed != row.digest:
            return entries, found, f"{where}: its content does not match its digest (edited)"
        prev = row.digest
        entries += 1
        if entries % 1000 == 0:
            progress(entries)
    return entries, found, ""


def _heads(connection: Connection) -> str:
    last = (
        select(events.c.stream, func.max(events.c.seq).label("seq"))
        .group_by(events.c.stream)
        .subquery()
    )
    wrong = connection.execute(
        select(streams.c.id, streams.c.seq, last.c.seq.label("found"))
        .outerjoin(last, last.c.stream == streams.c.id)
        .where((last.c.seq.is_(None)) | (last.c.seq != streams.c.seq))
        .order_by(streams.c.id)
        .limit(1)
    ).one_or_none()
    if wrong:
        return f"{wrong.id}: its head says {wrong.seq} entries, {wrong.found or 0} are there (cut)"
    headless = connection.execute(
        select(last.c.stream)
        .outerjoin(streams, streams.c.id == last.c.stream)
        .where(streams.c.id.is_(None))
        .order_by(last.c.stream)
        .limit(1)
    ).scalar()
    if headless:
        return f"{headless}: its head is gone (removed)"
    mismatch = connection.execute(
        select(streams.c.id)
        .join(events, (events.c.stream == streams.c.id) & (events.c.seq == streams.c.seq))
        .where(events.c.digest != streams.c.digest)
        .order_by(streams.c.id)
        .limit(1)
    ).scalar()
    return f"{mismatch}: its head's digest is not its last entry's (edited)" if mismatch else ""


def _positions(connection: Connection, entries: int, waiting: int) -> str:
    query = (
        select(
            positions.c.position, positions.c.stream, positions.c.seq,
            positions.c.digest.label("placed"), events.c.digest.label("found"),
        )
        .outerjoin(
            events, (events.c.stream == positions.c.stream) & (events.c.seq == positions.c.seq)
        )
        .order_by(positions.c.position)
    )  # fmt: skip
    with connection.execute(query.execution_options(yield_per=1000)) as rows:
        return _order(rows, entries, waiting)


def _order(rows: Iterable[Any], entries: int, waiting: int) -> str:
    expected = 0
    last: dict[str, int] = {}
    for row in rows:
        expected += 1
        where = f"position {row.position} ({row.stream} entry {row.seq})"
        if row.position != expected:
            return f"{where}: position {expected} is missing before it (gap)"
        if row.found is None:
            return f"{where}: the entry is gone (removed)"
        if row.found != row.placed:
            return f"{where}: the entry is not the one that was placed (edited or moved)"
        if row.seq != last.get(row.stream, 0) + 1:
            return f"{where}: entry {last.get(row.stream, 0) + 1} has no place before it (moved)"
        last[row.stream] = row.seq
    if expected + waiting != entries:
        return (
            f"{entries} entries, but {expected} placed and {waiting} waiting: "
            "an entry stands outside the order (inserted)"
        )
    return ""
