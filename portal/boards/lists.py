"""Which copy of each screening list is in use, and since when."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, delete, insert, select

from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.screening.events import ListImported

screening_lists = db.Table(
    "screening_lists",
    Column("source", String(48), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("imported_at", String(27), nullable=False),
)
board(screening_lists)


@projects(ListImported)
def _imported(connection: Connection, envelope: Envelope) -> None:
    event: ListImported = envelope.event
    connection.execute(delete(screening_lists).where(screening_lists.c.source == event.source))
    connection.execute(
        insert(screening_lists).values(
            source=event.source,
            digest=event.digest,
            entries=event.entries,
            imported_at=envelope.at,
        )
    )


def current(source: str) -> Row[Any] | None:
    return one(select(screening_lists).where(screening_lists.c.source == source))


def all_lists() -> list[Row[Any]]:
    return every(select(screening_lists).order_by(screening_lists.c.source))
