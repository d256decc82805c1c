"""Sessions as rows: the cookie carries a random token, the row its digest."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from portal import clock
from portal.desk.tables import sessions
from portal.extensions import db
from portal.ledger.database import writing
from workflows.actors import Strength

ABSOLUTE_HOURS = 12
IDLE_HOURS = 2


@dataclass(frozen=True, slots=True)
class Session:
    account: str
    strength: Strength


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(account: str, strength: Strength, *, instead_of: str = "") -> str:
    """A new session's token; the one that it replaces ends in the same transaction."""
    token = secrets.token_urlsafe(32)
    now = clock.now_iso()
    with writing() as connection:
        if instead_of:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(instead_of)))
        connection.execute(
            insert(sessions).values(
                digest=_digest(token),
                account=account,
                strength=int(strength),
                started_at=now,
                seen_at=now,
                ends_at=clock.iso_in(hours=ABSOLUTE_HOURS),
            )
        )
    return token


def find(token: str) -> Session | None:
    """The session of a token, or None when it ended, idled away or never was."""
    now = clock.now_iso()
    with db.engine.connect() as connection:
        row = connection.execute(
            select(sessions).where(sessions.c.digest == _digest(token), sessions.c.ends_at > now)
        ).one_or_none()
    if row is None or row.seen_at < clock.iso_in(hours=-IDLE_HOURS):
        return None
    if row.seen_at < clock.iso_in(minutes=-1):
        with writing() as connection:
            connection.execute(
                update(sessions).where(sessions.c.digest == row.digest).values(seen_at=now)
            )
    return Session(row.account, Strength(row.strength))


def end(token: str) -> None:
    with writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def end_all(account: str) -> None:
    with writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.account == account))
