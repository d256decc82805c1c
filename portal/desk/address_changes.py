"""Changes of address that were asked for: how each is confirmed, and afterwards undone.

A request decides nothing and is in no event. New address and tokens lie under a vault key of the
change's own: a mail that was written for somebody else's mailbox is in nobody's copy of their data.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from portal import clock, ids, vault
from portal.desk import addresses
from portal.desk.tables import address_changes
from portal.extensions import db
from portal.ledger.database import writing

HOURS = 24
_table = address_changes.c


@dataclass(frozen=True, slots=True)
class Change:
    """`address` is "" once its key is gone. Times are ISO 8601 UTC; `used_at` "" while it waits."""

    id: str
    account: str
    address: str
    address_digest: str
    expires_at: str
    used_at: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ask(account: str, address: str) -> str:
    """A request to change to `address`; an earlier one that waits is over. Returns its id.

    Raises:
        Invalid: it is no address.
    """
    address = addresses.checked(address)
    cancel(account)
    change, tokens = ids.new("chg"), [secrets.token_urlsafe(32) for _ in range(2)]
    ref = vault.put(change, address)
    confirm, undo = (vault.seal(change, token, change) for token in tokens)
    with writing() as connection:
        connection.execute(
            insert(address_changes).values(
                id=change,
                account=account,
                address_ref=ref.id,
                address_digest=addresses.address_digest(address),
                digest=_digest(tokens[0]),
                sealed_token=confirm,
                undo_digest=_digest(tokens[1]),
                sealed_undo=undo,
                expires_at=clock.iso_in(hours=HOURS),
            )
        )
    return change


def _waits() -> ColumnElement[bool]:
    return (_table.used_at == "") & (_table.expires_at > clock.now_iso())


def _one(which: ColumnElement[bool]) -> Row[Any] | None:
    with db.engine.connect() as connection:
        return connection.execute(select(address_changes).where(which)).one_or_none()


def _change(row: Row[Any] | None) -> Change | None:
    if row is None:
        return None
    address = vault.text(row.address_ref, "")
    return Change(row.id, row.account, address, row.address_digest, row.expires_at, row.used_at)


def waiting(account: str) -> Change | None:
    """The request of this account that can be confirmed."""
    return _change(_one((_table.account == account) & _waits()))


def get(change: str) -> Change | None:
    return _change(_one(_table.id == change))


def to_confirm(token: str, account: str) -> Change | None:
    """The request that the mailed token confirms, if it is this account's and waits; looking uses
    nothing up."""
    mine = _table.account == account
    return _change(_one((_table.digest == _digest(token)) & mine & _waits()))


def to_undo(token: str) -> Change | None:
    """The confirmed change that the token undoes; whether it still can be is the ledger's say."""
    return _change(_one((_table.undo_digest == _digest(token)) & (_table.used_at != "")))


def token_of(change: str) -> str | None:
    """For the mail to the new address; None once the request is over."""
    row = _one((_table.id == change) & _waits())
    return vault.unseal(row.id, row.sealed_token, row.id) if row else None


def undo_token_of(change: str) -> str | None:
    """For the mail to the former address."""
    row = _one((_table.id == change) & (_table.used_at != ""))
    return vault.unseal(row.id, row.sealed_undo, row.id) if row else None


def use(change: str) -> bool:
    """Use the request up; False when it was, or is over."""
    return _mark(_table.id == change, _waits(), clock.now_iso())


def unuse(change: str) -> None:
    """It was refused after all."""
    _mark(_table.id == change, _table.used_at != "", "")


def _mark(which: ColumnElement[bool], state: ColumnElement[bool], used_at: str) -> bool:
    with writing() as connection:
        marked = connection.execute(
            update(address_changes).where(which, state).values(used_at=used_at)
        )
    return marked.rowcount == 1


def cancel(account: str) -> None:
    """Whatever of this account waits to be confirmed is over."""
    _drop((_table.account == account) & (_table.used_at == ""))


def forget(account: str) -> None:
    """The person was erased: with the keys go the addresses, and the mails to them."""
    _drop(_table.account == account)


def done(change: str) -> None:
    """It can be undone no longer."""
    _drop(_table.id == change)


def prune() -> int:
    """Forget requests that nobody confirmed; how many."""
    return _drop((_table.used_at == "") & (_table.expires_at < clock.now_iso()))


def _drop(which: ColumnElement[bool]) -> int:
    with db.engine.connect() as connection:
        gone = list(connection.execute(select(_table.id).where(which)).scalars())
    if gone:
        with writing() as connection:
            connection.execute(delete(address_changes).where(_table.id.in_(gone)))
        vault.discard(gone)
    return len(gone)
