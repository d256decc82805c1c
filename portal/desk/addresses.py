"""Whose an e-mail address is, by a keyed digest of its one spelling.

An address becomes an account's only after somebody proved that they read its mail, or a provider
vouched for it in its organization's proven domain. Which of an account's rows counts says the
board of accounts; one that it does not name is of a former address, which is kept from others
until the change can no longer be undone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select

from portal import spelling, vault
from portal.boards.accounts import accounts
from portal.desk.tables import addresses
from portal.extensions import db
from portal.ledger.database import insert_once, writing
from workflows.errors import Conflict, Invalid, NotNow


def checked(address: str) -> str:
    """The address as mail is sent to it (`portal.spelling`).

    Raises:
        Invalid: it is not one address that everybody reads alike.
    """
    try:
        return spelling.deliverable(address)
    except spelling.InvalidAddress as wrong:
        raise Invalid(
            f"this is not an e-mail address: {wrong}",
            code="address_invalid",
            remedy="write it such as name@cert.example",
            fields={"email": f"Enter an address such as name@cert.example: {wrong}"},
        ) from None


def address_digest(address: str) -> str:
    return vault.keyed_digest("address", spelling.address(address))


def counts() -> ColumnElement[bool]:
    """Whether a row of `addresses`, joined to its account from outside, is the present address.

    An account that is being opened at this moment has no row on the board yet.
    """
    return addresses.c.change == func.coalesce(accounts.c.address_change, "")


def counting(*columns: Any) -> Select[Any]:
    """A query over the addresses that count."""
    joined = addresses.outerjoin(accounts, accounts.c.id == addresses.c.account)
    return select(*columns).select_from(joined).where(counts())


def account_of(address: str) -> str | None:
    return account_of_digest(address_digest(address))


def account_of_digest(digest: str) -> str | None:
    query = counting(addresses.c.account).where(addresses.c.digest == digest)
    with db.engine.connect() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def is_kept_back(digest: str) -> bool:
    """Whether it was the address of an account that could still be given back to it."""
    with db.engine.connect() as connection:
        there = connection.execute(
            select(addresses.c.account).where(addresses.c.digest == digest)
        ).scalar()
    return there is not None and account_of_digest(digest) is None


def bind(digest: str, account: str) -> str:
    """Remember that an address belongs to an account; returns whose it is: the first keeps it.

    Raises:
        NotNow: it is kept back for the account that it belonged to.
    """
    with writing() as connection:
        insert_once(connection, addresses, "digest", digest=digest, account=account, change="")
        query = counting(addresses.c.account).where(addresses.c.digest == digest)
        found: str | None = connection.execute(query).scalar()
    if found is None:
        raise NotNow(
            "this address was an account's until a few days ago, and is kept back for it",
            code="address_kept_back",
            remedy="use the link that was mailed to it to put that change back, or wait a week",
        )
    return found


def prepare(digest: str, account: str, change: str) -> None:
    """A row for an address that has just been proven; it counts once the ledger names `change`.

    Raises:
        Conflict: somebody has the address.
    """
    with writing() as connection:
        unnamed = _unnamed(account)
        connection.execute(delete(addresses).where(addresses.c.digest == digest, unnamed))
        fresh = insert_once(
            connection, addresses, "digest", digest=digest, account=account, change=change
        )
    if not fresh:
        raise Conflict(
            "this address has an account already",
            code="address_taken",
            remedy="sign in with it, or choose another address",
        )


def _unnamed(account: str) -> ColumnElement[bool]:
    """Rows of the account that do not count: of a former address, or never confirmed."""
    named = select(accounts.c.address_change).where(accounts.c.id == account).scalar_subquery()
    return and_(addresses.c.account == account, addresses.c.change != named)


def release(account: str, change: str) -> None:
    """An address that the ledger names no longer is anybody's again."""
    with writing() as connection:
        connection.execute(delete(addresses).where(addresses.c.change == change, _unnamed(account)))


def forget(account: str) -> None:
    """The person was erased."""
    with writing() as connection:
        connection.execute(delete(addresses).where(addresses.c.account == account))
