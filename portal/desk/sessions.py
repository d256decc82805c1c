"""Sessions as rows: the cookie carries a random token, the row its digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select, update

from portal import clock, ids
from portal.desk import last_days
from portal.desk.tables import sessions
from portal.extensions import db
from portal.ledger.database import writing
from workflows.actors import Strength

ABSOLUTE_HOURS = 12
IDLE_MINUTES = 120
# Staff decide over others' access; an unattended desk is the cheapest way to their power.
STAFF_IDLE_MINUTES = 15
UNKNOWN = "A browser"


@dataclass(frozen=True, slots=True)
class Session:
    """`via` is the organization whose provider vouched, "" for the person's own passkey or link;
    `started_at` is ISO 8601 UTC.
    """

    account: str
    strength: Strength
    via: str = ""
    started_at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Device:
    """A session as its person sees it; `id` opens nothing. Times are ISO 8601 UTC."""

    id: str
    device: str
    strength: Strength
    started_at: str
    seen_at: str
    is_this: bool
    via: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    account: str,
    strength: Strength,
    *,
    instead_of: str = "",
    device: str = UNKNOWN,
    via: str = "",
) -> str:
    """A new session's token; the one that it replaces ends in the same transaction."""
    token = secrets.token_urlsafe(32)
    now = clock.now_iso()
    with writing() as connection:
        if instead_of:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(instead_of)))
        connection.execute(
            insert(sessions).values(
                digest=_digest(token),
                id=ids.new("ses"),
                account=account,
                device=device,
                strength=int(strength),
                started_at=now,
                seen_at=now,
                ends_at=clock.iso_in(hours=ABSOLUTE_HOURS),
                via=via,
            )
        )
        last_days.note(connection, account)
    return token


def _two_hours(_account: str) -> int:
    return IDLE_MINUTES


def find(token: str, idle_minutes: Callable[[str], int] = _two_hours) -> Session | None:
    """The session of a token, or None when it ended, idled away or never was.

    Args:
        idle_minutes: how long this account may be silent; asked each time, so that somebody who
            becomes staff is held to their limit at once.
    """
    now = clock.now_iso()
    with db.engine.connect() as connection:
        row = connection.execute(
            select(sessions).where(sessions.c.digest == _digest(token), sessions.c.ends_at > now)
        ).one_or_none()
    if row is None or row.seen_at < clock.iso_in(minutes=-idle_minutes(row.account)):
        return None
    if row.seen_at < clock.iso_in(minutes=-1):
        with writing() as connection:
            connection.execute(
                update(sessions).where(sessions.c.digest == row.digest).values(seen_at=now)
            )
            last_days.note(connection, row.account)
    return Session(row.account, Strength(row.strength), row.via, row.started_at)


def end(token: str) -> None:
    with writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.digest == _digest(token)))


def of(account: str, token: str) -> list[Device]:
    """A person's sessions that still count, the latest seen first; `token` is the present one."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(sessions)
            .where(sessions.c.account == account, sessions.c.ends_at > clock.now_iso())
            .order_by(sessions.c.seen_at.desc())
        ).all()
    mine = _digest(token)
    return [
        Device(
            r.id, r.device, Strength(r.strength), r.started_at, r.seen_at, r.digest == mine, r.via
        )
        for r in rows
    ]


def end_one(account: str, session_id: str) -> bool:
    """End a session of this person; False when they have none of that id."""
    with writing() as connection:
        ended = connection.execute(
            delete(sessions).where(sessions.c.account == account, sessions.c.id == session_id)
        )
    return ended.rowcount == 1


def end_others(account: str, token: str) -> int:
    """End every session of this person but the present one; how many there were."""
    with writing() as connection:
        ended = connection.execute(
            delete(sessions).where(
                sessions.c.account == account, sessions.c.digest != _digest(token)
            )
        )
    return ended.rowcount


def renew(token: str) -> str:
    """The same sign-in under a new token, so that copies of the former one open nothing."""
    fresh = secrets.token_urlsafe(32)
    with writing() as connection:
        connection.execute(
            update(sessions)
            .where(sessions.c.digest == _digest(token))
            .values(digest=_digest(fresh))
        )
    return fresh


def end_all(account: str) -> None:
    with writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.account == account))


def end_via(org_id: str) -> int:
    """End every session that this organization's provider vouched for; how many there were."""
    with writing() as connection:
        ended = connection.execute(delete(sessions).where(sessions.c.via == org_id))
    return ended.rowcount
