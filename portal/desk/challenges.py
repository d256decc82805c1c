"""WebAuthn challenges: made once, answered once, soon gone."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete, insert

from portal import clock
from portal.desk.tables import challenges
from portal.ledger.database import writing

MINUTES = 5


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def make(purpose: str, subject: str) -> bytes:
    """32 random bytes, good for five minutes, this purpose and this subject."""
    challenge = secrets.token_bytes(32)
    keep(challenge, purpose, subject)
    return challenge


def keep(challenge: bytes, purpose: str, subject: str) -> None:
    """As `make`, with a challenge that was made elsewhere and is random in itself."""
    with writing() as connection:
        connection.execute(delete(challenges).where(challenges.c.expires_at < clock.now_iso()))
        connection.execute(
            insert(challenges).values(
                digest=_digest(challenge),
                purpose=purpose,
                subject=subject,
                expires_at=clock.iso_in(minutes=MINUTES),
            )
        )


def spend(challenge: bytes, purpose: str, subject: str) -> bool:
    """Whether it was made for this, has not expired, and was never spent before."""
    with writing() as connection:
        spent = connection.execute(
            delete(challenges).where(
                challenges.c.digest == _digest(challenge),
                challenges.c.purpose == purpose,
                challenges.c.subject == subject,
                challenges.c.expires_at > clock.now_iso(),
            )
        )
    return spent.rowcount == 1
