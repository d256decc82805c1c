"""Boards are what the ledger says: empty them and feed it again."""

from __future__ import annotations

import random
from collections.abc import Callable

from sqlalchemy import delete, select

from portal.ledger import projection, store
from portal.ledger.database import writing
from portal.ledger.tables import streams


def rebuild(
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    shuffle: random.Random | None = None,
) -> int:
    """Empty every board and project every stream, in one transaction; how many events.

    Args:
        progress: called with streams done and streams in all.
        shuffle: feeds the streams in a random order, for the test that order does not matter.
    """
    count = 0
    with writing() as connection:
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
    return count
