"""Boards are what the ledger says: empty them and feed it again."""

from __future__ import annotations

import random
from collections.abc import Callable

from sqlalchemy import Connection, delete, select, text

from portal.ledger import projection, store
from portal.ledger.database import is_sqlite, writing
from portal.ledger.tables import streams


def rebuild(
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    shuffle: random.Random | None = None,
) -> int:
    """Empty every board and project every stream, in one transaction; how many events.

    Writers wait meanwhile: an event that came between would find no row to change, and a grant
    that it revoked would be back. Unique indexes are away until the end, because streams that
    are fed one after the other may hold a thing at once that they held in turn.

    Args:
        progress: called with streams done and streams in all.
        shuffle: feeds the streams in a random order, for the test that order does not matter.
    """
    count = 0
    indexes = [i for table in projection.tables() for i in table.indexes if i.unique]
    with writing() as connection:
        _hold_writers(connection)
        for index in indexes:
            index.drop(connection)
        for table in reversed(projection.tables()):
            connection.execute(delete(table))
        names = list(connection.execute(select(streams.c.id).order_by(streams.c.id)).scalars())
        if shuffle:
            shuffle.shuffle(names)
        for done, name in enumerate(names, 1):
            for envelope in store.load(connection, name).history:
                projection.project(connection, envelope)
                count += 1
            progress(done, len(names))
        for index in indexes:
            index.create(connection)
    return count


def _hold_writers(connection: Connection) -> None:
    """Every writer locks head rows; SQLite has one writer at a time."""
    if not is_sqlite(connection):
        connection.execute(text(f"LOCK TABLE {streams.name} IN EXCLUSIVE MODE"))
