"""What the ledger says of one person: entries about their account, and entries that they made."""

from __future__ import annotations

from sqlalchemy import or_, select

from portal.extensions import db
from portal.ledger.tables import events


def of_person(account: str) -> list[dict[str, str]]:
    """`at`, `kind`, `name` and `stream` of each, oldest first; what is in them is vaulted."""
    query = (
        select(events.c.at, events.c.kind, events.c.name, events.c.stream)
        .where(or_(events.c.stream == account, events.c.actor == account))
        .order_by(events.c.at, events.c.stream, events.c.seq)
    )
    with db.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]
