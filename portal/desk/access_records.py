"""Who read what of an organization, and what for: written before the content is shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from portal import clock, ids
from portal.desk.tables import access_records as records
from portal.extensions import db
from portal.ledger.database import writing

# Opening the same thing again within this is the same reading, counted.
SAME_MINUTES = 10
KINDS = ("application", "file", "grant")


def record(reader: str, org_id: str, kind: str, subject: str, purpose: str) -> None:
    """Put a reading on record; raises, so that nothing is shown, when it cannot be written."""
    now = clock.now_iso()
    about = {"reader": reader, "org_id": org_id, "kind": kind, "subject": subject,
             "purpose": purpose}  # fmt: skip
    same = [records.c[name] == value for name, value in about.items()]
    with writing() as connection:
        again = connection.execute(
            update(records)
            .where(*same, records.c.at > clock.iso_in(minutes=-SAME_MINUTES))
            .values(last_at=now, times=records.c.times + 1)
        )
        if not again.rowcount:
            row = {"id": ids.new("acr"), "at": now, "last_at": now, "times": 1}
            connection.execute(insert(records).values(**about, **row))


def page(
    *, org_id: str = "", reader: str = "", before: tuple[str, str] = ("", ""), limit: int = 50
) -> list[Row[Any]]:
    """One page, newest first, keyset-paged by (at, id); of an organization, a reader, or all."""
    query = select(records).order_by(records.c.at.desc(), records.c.id.desc()).limit(limit)
    if org_id:
        query = query.where(records.c.org_id == org_id)
    if reader:
        query = query.where(records.c.reader == reader)
    if before[1]:
        query = query.where(
            (records.c.at < before[0]) | ((records.c.at == before[0]) & (records.c.id < before[1]))
        )
    with db.engine.connect() as connection:
        return list(connection.execute(query).all())
