"""What was seen once: assertion and proof identifiers, kept until they would expire anyway."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete

from portal import clock
from portal.desk.tables import replays
from portal.ledger.database import insert_once, writing

# A clock that is set right may step back; what was used before that must still be known then.
BACK_SECONDS = 600


def first_time(connection: Connection, *parts: str, expires: int) -> bool:
    """Whether this combination was never seen before; it has been from now on.

    One insert decides, so that two requests at once cannot both be first.

    Args:
        parts: what makes it one (purpose, client, jti); joined without ambiguity and hashed.
        expires: seconds since 1970, including the skew that is allowed.
    """
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return insert_once(connection, replays, "digest", digest=digest, expires=expires)


def prune() -> int:
    """Forget what expired longer ago than a clock steps back; how many."""
    before = clock.epoch() - BACK_SECONDS
    with writing() as connection:
        gone = connection.execute(delete(replays).where(replays.c.expires < before))
    return gone.rowcount
