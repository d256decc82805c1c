"""What providers said of themselves and of their keys, and when they were last asked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from portal import clock
from portal.desk.tables import providers
from portal.extensions import db
from portal.ledger.database import insert_once, writing

SAID_MINUTES = 10
KEY_SET_MINUTES = 60
# A key id that nobody knows makes the portal ask for the keys again, this often at most.
REFETCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Known:
    """JSON texts: the discovery document and the JWK Set; "" for what is unknown or too old."""

    said: str
    key_set: str


def known(issuer: str) -> Known:
    with db.engine.connect() as connection:
        row = connection.execute(
            select(providers).where(providers.c.issuer == issuer)
        ).one_or_none()
    if row is None:
        return Known("", "")
    fresh = row.said_at > clock.iso_in(minutes=-SAID_MINUTES)
    fresh_keys = row.key_set_at > clock.iso_in(minutes=-KEY_SET_MINUTES)
    return Known(row.said if fresh else "", row.key_set if fresh_keys else "")


def keep(issuer: str, said: str) -> None:
    """Keep its discovery document; its keys stay as they are, and are asked for as before."""
    values = {"said": said, "said_at": clock.now_iso()}
    nothing = {"key_set": "", "key_set_at": "", "asked_at": ""}
    with writing() as connection:
        if not insert_once(connection, providers, "issuer", issuer=issuer, **nothing, **values):
            connection.execute(update(providers).where(providers.c.issuer == issuer).values(values))


def may_ask_for_keys(issuer: str) -> bool:
    """Whether a minute has passed since the last time; from now on it counts as asked."""
    before = clock.iso_in(seconds=-REFETCH_SECONDS)
    with writing() as connection:
        asked = connection.execute(
            update(providers)
            .where(providers.c.issuer == issuer, providers.c.asked_at <= before)
            .values(asked_at=clock.now_iso())
        )
    return asked.rowcount == 1


def keep_keys(issuer: str, key_set: str) -> None:
    with writing() as connection:
        connection.execute(
            update(providers)
            .where(providers.c.issuer == issuer)
            .values(key_set=key_set, key_set_at=clock.now_iso())
        )
