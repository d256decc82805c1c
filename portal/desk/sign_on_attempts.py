"""Sign-ons on their way: bound to the browser that began them, taken back once, soon gone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from portal import clock
from portal.desk.tables import sign_on_attempts
from portal.ledger.database import writing

MINUTES = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was configured when it began."""

    org_id: str
    issuer: str
    client_id: str


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def begin(attempt: Attempt, browser: str) -> str:
    """The `state` of a fresh attempt (RFC 6749 section 10.12); `browser` is a secret of it."""
    state = secrets.token_urlsafe(32)
    with writing() as connection:
        connection.execute(
            delete(sign_on_attempts).where(sign_on_attempts.c.expires_at < clock.now_iso())
        )
        connection.execute(
            insert(sign_on_attempts).values(
                digest=_digest(state),
                browser=_digest(browser),
                org_id=attempt.org_id,
                issuer=attempt.issuer,
                client_id=attempt.client_id,
                expires_at=clock.iso_in(minutes=MINUTES),
            )
        )
    return state


def take(state: str, browser: str) -> Attempt | None:
    """The attempt, which is over now; None if it was not this browser's, is over or too old."""
    mine = (
        sign_on_attempts.c.digest == _digest(state),
        sign_on_attempts.c.browser == _digest(browser),
        sign_on_attempts.c.expires_at > clock.now_iso(),
    )
    with writing() as connection:
        row = connection.execute(select(sign_on_attempts).where(*mine)).one_or_none()
        taken = connection.execute(delete(sign_on_attempts).where(*mine))
    if row is None or taken.rowcount != 1:  # of two at once, one took it
        return None
    return Attempt(row.org_id, row.issuer, row.client_id)
