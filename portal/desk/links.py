"""One-time sign-in links: the mail carries a random token, the row its digest.

Asking for a link says nothing about whether an account exists: a new address gets a link too,
which opens an account when it is used.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, insert, select, update

from portal import clock, ids, vault
from portal.desk import addresses
from portal.desk.addresses import account_of, account_of_digest, address_digest, bind
from portal.desk.tables import links
from portal.extensions import db
from portal.ledger.database import writing
from workflows.vaulted import Vaulted

MINUTES = 30

__all__ = [
    "Link", "account_of", "account_of_digest", "address_digest", "bind", "find", "for_mail",
    "forget", "forget_address", "make", "prune", "use",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """`fresh` links open the account when they are used; `address` lies in the vault."""

    id: str
    account: str
    address: Vaulted
    address_digest: str
    fresh: bool


def forget(account: str) -> None:
    """Remove what could lead from an address to the account: the person was erased."""
    _drop(links.c.account == account)
    addresses.forget(account)


def forget_address(digest: str) -> None:
    """Remove the links that went to an address: it is no longer its account's."""
    _drop(links.c.address_digest == digest)


def prune() -> int:
    """Forget links that expired a day ago, with their keys; how many."""
    return _drop(links.c.expires_at < clock.iso_in(days=-1))


def _drop(which: ColumnElement[bool]) -> int:
    with db.engine.connect() as connection:
        gone = list(connection.execute(select(links.c.id).where(which)).scalars())
    with writing() as connection:
        connection.execute(delete(links).where(links.c.id.in_(gone)))
    vault.discard(gone)
    return len(gone)


def make(address: str) -> str:
    """A link for an address; returns the link's id, the token goes into the mail alone.

    Address and token lie under a vault key of the link's own, whether or not somebody has the
    address: the same statements for either, and nothing in the time that tells them apart.

    Raises:
        Invalid: it is no address.
    """
    address = addresses.checked(address)
    account = account_of(address)
    owner = account or ids.new("acc")
    token = secrets.token_urlsafe(32)
    link_id = ids.new("lnk")
    ref = vault.put(link_id, address)
    sealed = vault.seal(link_id, token, link_id)
    with writing() as connection:
        connection.execute(
            insert(links).values(
                digest=_digest(token),
                id=link_id,
                account=owner,
                address_ref=ref.id,
                address_salted=ref.digest,
                address_digest=address_digest(address),
                sealed_token=sealed,
                fresh=int(account is None),
                expires_at=clock.iso_in(minutes=MINUTES),
            )
        )
    return link_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def for_mail(link_id: str) -> tuple[str, str, str] | None:
    """(account, address, token) for the task that writes the mail; None once it is of no use."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(links).where(links.c.id == link_id, links.c.expires_at > clock.now_iso())
        ).one_or_none()
    if row is None or row.used_at:
        return None
    token = vault.unseal(link_id, row.sealed_token, link_id)
    address = vault.read(row.address_ref)
    return (row.account, address.decode(), token) if token and address else None


def find(token: str) -> Link | None:
    """The link of a token that may still be used; looking does not use it."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(links).where(
                links.c.digest == _digest(token),
                links.c.used_at == "",
                links.c.expires_at > clock.now_iso(),
            )
        ).one_or_none()
    if row is None:
        return None
    return Link(
        id=row.id,
        account=row.account,
        address=Vaulted(row.address_ref, row.address_salted),
        address_digest=row.address_digest,
        fresh=bool(row.fresh),
    )


def use(link: Link) -> bool:
    """Use it up; False when somebody was faster."""
    with writing() as connection:
        used = connection.execute(
            update(links)
            .where(links.c.id == link.id, links.c.used_at == "")
            .values(used_at=clock.now_iso())
        )
    return used.rowcount == 1
