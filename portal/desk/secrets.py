"""Passwords as hashes, each with its sealed authenticator; and what stands behind recovery codes.

The board of accounts names the secret that counts, so that a change and its event come into force
together. Whoever has none is looked up as the decoy: a row like any other, which nobody owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, literal, select, update

from portal import clock, ids, vault
from portal.boards.accounts import accounts, recovery_codes
from portal.desk.tables import addresses, recovery_digests, secrets
from portal.extensions import db
from portal.ledger.database import insert_once, writing

DECOY, NOBODY = "sec_decoy", "nobody"
SET_UP_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Secret:
    """`counts`: it is the one that its person signs in with now; the decoy never does."""

    id: str
    account: str
    hash: str
    sealed_totp: bytes
    counts: bool


def _secret(row: Row[Any] | None) -> Secret | None:
    if row is None:
        return None
    return Secret(row.id, row.account, row.hash, row.sealed_totp, row.counts is not None)


def _query() -> Select[Any]:
    return select(secrets, accounts.c.id.label("counts")).outerjoin(
        accounts, accounts.c.password == secrets.c.id
    )


def _one(query: Select[Any]) -> Secret | None:
    with db.engine.connect() as connection:
        return _secret(connection.execute(query).one_or_none())


def seal_totp(account: str, key: str) -> bytes:
    return vault.seal(account, key, f"totp:{account}")


def totp_of(secret: Secret) -> str | None:
    """The authenticator's key in base32; None once the person was erased."""
    return vault.unseal(secret.account, secret.sealed_totp, f"totp:{secret.account}")


def get(secret_id: str) -> Secret | None:
    return _one(_query().where(secrets.c.id == secret_id))


def current(account: str) -> Secret | None:
    """The one that the person signs in with."""
    return _one(_query().where(secrets.c.account == account, accounts.c.id == account))


def of_address(digest: str) -> Secret | None:
    """The secret of an address, or the decoy: one query and one row for whichever address.
    None as long as there is no decoy."""
    owned = (
        select(secrets.c.id)
        .join(accounts, accounts.c.password == secrets.c.id)
        .join(addresses, addresses.c.account == accounts.c.id)
        .where(addresses.c.digest == digest, addresses.c.change == accounts.c.address_change)
        .scalar_subquery()
    )
    return _one(_query().where(secrets.c.id == func.coalesce(owned, literal(DECOY))))


def keep_decoy(hashed: str, totp_key: str) -> None:
    sealed = seal_totp(NOBODY, totp_key)
    with writing() as connection:
        insert_once(connection, secrets, "id", **_values(DECOY, NOBODY, hashed, sealed))


def keep(account: str, hashed: str, totp_key: str) -> str:
    """A secret that does not count yet; earlier ones that never did are gone. Returns its id."""
    sealed, secret_id = seal_totp(account, totp_key), ids.new("sec")
    with writing() as connection:
        _delete_unnamed(connection, account)
        connection.execute(insert(secrets).values(_values(secret_id, account, hashed, sealed)))
    return secret_id


def keep_with_same_totp(old: Secret, hashed: str) -> str:
    """As `keep`, with the authenticator of `old` and the step that it was used at last."""
    secret_id = ids.new("sec")
    with writing() as connection:
        _delete_unnamed(connection, old.account)
        values = _values(secret_id, old.account, hashed, old.sealed_totp)
        last = select(secrets.c.last_step).where(secrets.c.id == old.id)
        values["last_step"] = last.scalar_subquery()
        connection.execute(insert(secrets).values(values))
    return secret_id


def _values(secret_id: str, account: str, hashed: str, sealed: bytes) -> dict[str, Any]:
    return {"id": secret_id, "account": account, "hash": hashed, "sealed_totp": sealed,
            "last_step": 0, "made_at": clock.now_iso()}  # fmt: skip


def _delete_unnamed(connection: Connection, account: str) -> None:
    named = select(accounts.c.password).where(accounts.c.id == account)
    connection.execute(
        delete(secrets).where(secrets.c.account == account, secrets.c.id.not_in(named))
    )


def made_since(account: str, since: str) -> list[str]:
    """The secret that the person signs in with, if it was set since a time (ISO 8601 UTC)."""
    query = select(secrets.c.id).join(accounts, accounts.c.password == secrets.c.id)
    with db.engine.connect() as connection:
        found = connection.execute(
            query.where(secrets.c.account == account, secrets.c.made_at >= since)
        )
        return list(found.scalars())


def set_up_of(account: str) -> Secret | None:
    """The one that the person is setting up: its code was not proven yet."""
    return _one(
        _query().where(
            secrets.c.account == account,
            accounts.c.id.is_(None),
            secrets.c.made_at > clock.iso_in(minutes=-SET_UP_MINUTES),
        )
    )


def spend_step(secret_id: str, step: int) -> bool:
    """Whether this time step (RFC 6238 section 5.2) is later than every one that was used; it is
    used from now on. One statement decides, so that of several at once one is told True."""
    with writing() as connection:
        spent = connection.execute(
            update(secrets)
            .where(secrets.c.id == secret_id, secrets.c.last_step < step)
            .values(last_step=step)
        )
    return spent.rowcount == 1


def rehash(secret: Secret, hashed: str) -> None:
    """Keep the same password under a newer hash, unless it was changed meanwhile."""
    with writing() as connection:
        connection.execute(
            update(secrets)
            .where(secrets.c.id == secret.id, secrets.c.hash == secret.hash)
            .values(hash=hashed)
        )


def keep_codes(account: str, digests: Mapping[str, str]) -> None:
    """Digests of recovery codes by their names; they count once the ledger names them."""
    now = clock.now_iso()
    rows = [{"code": code, "account": account, "digest": digest, "made_at": now}
            for code, digest in digests.items()]  # fmt: skip
    with writing() as connection:
        connection.execute(insert(recovery_digests), rows)


def code_of(account: str, digest: str) -> str | None:
    """The name of a recovery code that was not used yet."""
    with db.engine.connect() as connection:
        found: str | None = connection.execute(
            select(recovery_digests.c.code)
            .join(recovery_codes, recovery_codes.c.code == recovery_digests.c.code)
            .where(recovery_digests.c.account == account, recovery_digests.c.digest == digest)
        ).scalar()
    return found


def forget(secret_id: str) -> None:
    with writing() as connection:
        connection.execute(delete(secrets).where(secrets.c.id == secret_id))


def forget_person(account: str) -> None:
    with writing() as connection:
        for table in (secrets, recovery_digests):
            connection.execute(delete(table).where(table.c.account == account))


def prune() -> int:
    """Forget what no account names a day after it was made; how many rows."""
    before = clock.iso_in(days=-1)
    with writing() as connection:
        left = connection.execute(
            delete(secrets).where(
                secrets.c.made_at < before,
                secrets.c.id != DECOY,
                secrets.c.id.not_in(select(accounts.c.password)),
            )
        )
        codes = connection.execute(
            delete(recovery_digests).where(
                recovery_digests.c.made_at < before,
                recovery_digests.c.code.not_in(select(recovery_codes.c.code)),
            )
        )
    return left.rowcount + codes.rowcount
