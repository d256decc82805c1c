"""When a passkey was last used, and its signature counter (WebAuthn level 3, section 6.1.1)."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from portal import clock
from portal.desk.tables import passkey_uses
from portal.extensions import db
from portal.ledger.database import writing


def count(passkey: str) -> int:
    with db.engine.connect() as connection:
        found = connection.execute(
            select(passkey_uses.c.sign_count).where(passkey_uses.c.passkey == passkey)
        ).scalar()
    return found or 0


def used(passkey: str, sign_count: int) -> None:
    with writing() as connection:
        connection.execute(delete(passkey_uses).where(passkey_uses.c.passkey == passkey))
        connection.execute(
            insert(passkey_uses).values(
                passkey=passkey, sign_count=sign_count, used_at=clock.now_iso()
            )
        )


def forget(passkey: str) -> None:
    """It was removed from its account."""
    with writing() as connection:
        connection.execute(delete(passkey_uses).where(passkey_uses.c.passkey == passkey))


def last_used(passkeys: list[str]) -> dict[str, str]:
    """ISO times by passkey id; one that was never used is absent."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(passkey_uses).where(passkey_uses.c.passkey.in_(passkeys))
        ).all()
    return {row.passkey: row.used_at for row in rows}
