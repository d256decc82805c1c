"""Global positions, given behind the writers by one sequencer at a time.

An id sequence would not do: transactions commit out of order, and a reader could pass a number
whose event appears later. Here a position exists only once its event is committed.
"""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, text, tuple_

from portal.ledger.database import is_sqlite, writing
from portal.ledger.tables import events, positions, unplaced

_ADVISORY_LOCK = 7_246_001
# A clock may step back between two entries of a stream; their order is their numbers all the same.
_latest_so_far = func.max(unplaced.c.at).over(
    partition_by=unplaced.c.stream, order_by=unplaced.c.seq
)


def place(limit: int = 1000) -> int:
    """Give positions to committed events that have none; how many were placed.

    Holds an advisory lock (SQLite: the write lock), so that two workers never number together.
    """
    with writing() as connection:
        if not is_sqlite(connection):
            locked = connection.execute(
                text("SELECT pg_try_advisory_xact_lock(:k)"), {"k": _ADVISORY_LOCK}
            ).scalar()
            if not locked:
                return 0
        rows = connection.execute(
            select(unplaced.c.stream, unplaced.c.seq, events.c.digest)
            .join(
                events,
                (events.c.stream == unplaced.c.stream) & (events.c.seq == unplaced.c.seq),
            )
            .order_by(_latest_so_far, unplaced.c.stream, unplaced.c.seq)
            .limit(limit)
        ).all()
        if not rows:
            return 0
        last = connection.execute(select(func.max(positions.c.position))).scalar() or 0
        connection.execute(
            insert(positions),
            [
                {"position": last + i, "stream": r.stream, "seq": r.seq, "digest": r.digest}
                for i, r in enumerate(rows, 1)
            ],
        )
        connection.execute(
            delete(unplaced).where(
                tuple_(unplaced.c.stream, unplaced.c.seq).in_([(r.stream, r.seq) for r in rows])
            )
        )
    return len(rows)


def place_all() -> int:
    """Place until nothing waits; how many were placed."""
    total = 0
    while placed := place():
        total += placed
    return total
