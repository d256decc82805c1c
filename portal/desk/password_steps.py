"""Between the password and the code: a row for the browser that sent the password, used once."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete, insert

from portal import clock
from portal.desk.tables import password_steps
from portal.ledger.database import writing

MINUTES = 5


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(address_digest: str, secret: str) -> str:
    """A token for the browser's cookie.

    Args:
        secret: the one whose code is asked next; the decoy's when the password was wrong.
    """
    token = secrets.token_urlsafe(32)
    with writing() as connection:
        connection.execute(
            insert(password_steps).values(
                digest=_digest(token),
                address_digest=address_digest,
                secret=secret,
                expires_at=clock.iso_in(minutes=MINUTES),
            )
        )
    return token


def spend(token: str) -> tuple[str, str] | None:
    """(address digest, secret) of a token that was not spent and has not expired."""
    with writing() as connection:
        row = connection.execute(
            delete(password_steps)
            .where(
                password_steps.c.digest == _digest(token),
                password_steps.c.expires_at > clock.now_iso(),
            )
            .returning(password_steps.c.address_digest, password_steps.c.secret)
        ).one_or_none()
    return (row.address_digest, row.secret) if row else None


def prune() -> int:
    with writing() as connection:
        gone = connection.execute(
            delete(password_steps).where(password_steps.c.expires_at < clock.now_iso())
        )
    return gone.rowcount
