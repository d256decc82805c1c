"""Tries that are counted: by the address that was typed, and by the network that they came from.

A try is taken before anything is looked at, by one statement, so that however many come at once no
more get through than the limit says; a success gives it back. The rows outlive a restart. They
hold keyed digests: neither an address nor a network can be read from them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, delete, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal import clock, ids, vault
from portal.desk.tables import addresses, attempts
from portal.extensions import db
from portal.ledger.database import is_sqlite, writing

FORGET_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` tries within `within` seconds; then a wait of `first` seconds that doubles with each
    further try, up to `longest`. A day without a try forgets everything."""

    most: int
    within: int = 15 * 60
    first: int = 60
    longest: int = 3600


# A person mistypes; a program that guesses is slowed to one try an hour.
ACCOUNT = Limit(5)
# A whole university may sit behind one network; a passkey cannot be guessed, so that its limit
# only keeps a flood away.
NETWORK = Limit(60, longest=900)
PASSKEYS = Limit(300, longest=60)


@dataclass(frozen=True, slots=True)
class Try:
    """`allowed`: it counts. `number` is 0 for one that came while it was shut.

    `id` and `since` name the series of tries, for what is told once of it.
    """

    allowed: bool
    number: int = 0
    id: str = ""
    since: int = 0


def of_address(digest: str) -> str:
    """The key for an address's digest."""
    return f"account:{digest}"


def of_network(purpose: str, remote: str | None) -> str:
    """The key for the network of an IP address: IPv4 /24, IPv6 /64."""
    try:
        found = ipaddress.ip_address(remote or "")
    except ValueError:
        return f"{purpose}:unknown"
    plain = getattr(found, "ipv4_mapped", None) or found
    prefix = plain.packed[: 3 if plain.version == 4 else 8].hex()
    return f"{purpose}:{vault.keyed_digest('network', f'{plain.version}/{prefix}')}"


def take(key: str, limit: Limit) -> Try:
    """Take a try, unless it is shut."""
    now = clock.epoch()
    old = attempts.c
    anew = or_(old.last < now - FORGET_SECONDS,
               (old.wait == 0) & (old.since < now - limit.within))  # fmt: skip
    wait = case(
        (anew, 0),
        (old.tries + 1 < limit.most, 0),
        (old.wait == 0, limit.first),
        (old.wait * 2 > limit.longest, limit.longest),
        else_=old.wait * 2,
    )
    with writing() as connection:
        insert = sqlite.insert if is_sqlite(connection) else postgresql.insert
        first: dict[str, Any] = {"key": key, "id": ids.new("try"), "tries": 1, "wait": 0,
                                 "since": now, "last": now, "shut_until": 0}  # fmt: skip
        row = connection.execute(
            insert(attempts)
            .values(first)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "tries": case((anew, 1), else_=old.tries + 1),
                    "wait": wait,
                    "since": case((anew, now), else_=old.since),
                    "last": now,
                    "shut_until": case((wait == 0, 0), else_=now + wait),
                },
                where=old.shut_until <= now,
            )
            .returning(attempts.c.tries, attempts.c.id, attempts.c.since)
        ).one_or_none()
    return Try(True, row.tries, row.id, row.since) if row else Try(False)


def give_back(key: str, limit: Limit) -> None:
    """It succeeded: this one does not count, others' do."""
    fewer = attempts.c.tries - 1
    open_ = fewer < limit.most
    with writing() as connection:
        connection.execute(
            update(attempts)
            .where(attempts.c.key == key, attempts.c.tries > 0)
            .values(
                tries=fewer,
                wait=case((open_, 0), else_=attempts.c.wait),
                shut_until=case((open_, 0), else_=attempts.c.shut_until),
            )
        )


def clear(key: str) -> None:
    with writing() as connection:
        connection.execute(delete(attempts).where(attempts.c.key == key))


def forgive(account: str) -> None:
    """Whoever signed in in a way that cannot be guessed opens their address again."""
    own = select(literal("account:") + addresses.c.digest).where(addresses.c.account == account)
    with writing() as connection:
        connection.execute(delete(attempts).where(attempts.c.key.in_(own)))


def address_digest_of(try_id: str) -> str:
    """The address's digest of a series of tries; "" once it was forgotten."""
    with db.engine.connect() as connection:
        key = connection.execute(select(attempts.c.key).where(attempts.c.id == try_id)).scalar()
    return (key or "").partition(":")[2]


def prune() -> int:
    """Forget what has been quiet for a day and is open; how many."""
    now = clock.epoch()
    with writing() as connection:
        gone = connection.execute(
            delete(attempts).where(
                attempts.c.last < now - FORGET_SECONDS, attempts.c.shut_until <= now
            )
        )
    return gone.rowcount
