"""The last day on which a person was here, or a key got a token; no more than the day is kept."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select, update

from portal import clock
from portal.desk.tables import last_days
from portal.extensions import db
from portal.ledger.database import insert_once, writing


def note(connection: Connection, subject: str) -> None:
    """Today, in the caller's transaction. It writes once a day, so that nobody waits here for
    another who uses the same key."""
    today, own = clock.now_iso()[:10], last_days.c.subject == subject
    present = connection.execute(select(last_days.c.day).where(own)).scalar()
    if present == today or (
        present is None
        and insert_once(connection, last_days, "subject", subject=subject, day=today)
    ):
        return
    connection.execute(update(last_days).where(own, last_days.c.day < today).values(day=today))


def of(subjects: Iterable[str]) -> dict[str, str]:
    """Days (YYYY-MM-DD) by account or credential; absent when none is known."""
    with db.engine.connect() as connection:
        rows = connection.execute(select(last_days).where(last_days.c.subject.in_(list(subjects))))
        return {row.subject: row.day for row in rows}


def forget(subject: str) -> None:
    with writing() as connection:
        connection.execute(delete(last_days).where(last_days.c.subject == subject))
