"""A directory's bearer tokens: shown once, kept as their digest.

The one static secret anywhere (RFC 7644 section 2 leaves nothing better to most directories): it
opens one organization's directory alone, and ends by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update

from portal import clock
from portal.desk.tables import directory_secrets
from portal.extensions import db
from portal.ledger.database import writing

PREFIX = "tap_scim_"  # so that whoever scans for leaked secrets knows one when they see it


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(org_id: str, token_id: str) -> str:
    """A new token; it opens nothing until the ledger knows of it."""
    token = PREFIX + secrets.token_urlsafe(32)
    with writing() as connection:
        connection.execute(
            insert(directory_secrets).values(digest=_digest(token), token=token_id, org_id=org_id)
        )
    return token


def find(token: str) -> tuple[str, str] | None:
    """(token's id, organization) of a token; whether it counts is the board's to say."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(directory_secrets).where(directory_secrets.c.digest == _digest(token))
        ).one_or_none()
    return (row.token, row.org_id) if row else None


def note_key(org_id: str, client_id: str) -> None:
    """A key has no secret; its row only tells when it was used. No token has this digest."""
    with writing() as connection:
        connection.execute(
            insert(directory_secrets).values(digest=client_id, token=client_id, org_id=org_id)
        )


def used(token_id: str) -> None:
    """Note that it was used, to the minute."""
    with writing() as connection:
        connection.execute(
            update(directory_secrets)
            .where(
                directory_secrets.c.token == token_id,
                directory_secrets.c.used_at < clock.iso_in(minutes=-1),
            )
            .values(used_at=clock.now_iso())
        )


def last_used(token_ids: Iterable[str]) -> dict[str, str]:
    """Token id -> ISO 8601 UTC, "" for never."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(directory_secrets.c.token, directory_secrets.c.used_at).where(
                directory_secrets.c.token.in_(list(token_ids))
            )
        ).all()
    return {row.token: row.used_at for row in rows}


def forget(token_id: str) -> None:
    with writing() as connection:
        connection.execute(delete(directory_secrets).where(directory_secrets.c.token == token_id))
