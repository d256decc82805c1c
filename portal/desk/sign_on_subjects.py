"""Whose an identity at a provider is, and identities that wait for their person's own sign-in.

An identity is an issuer and a subject (OpenID Connect Core section 5.7), never an address. It is
looked up by a keyed digest; that the account has it is an event of the account.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from portal import clock, vault
from portal.desk.tables import pending_links, sign_on_subjects
from portal.extensions import db
from portal.ledger.database import insert_once, writing

MINUTES = 30


@dataclass(frozen=True, slots=True)
class Bound:
    """`link` is what the account's event calls it."""

    link: str
    account: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A provider called somebody `subject`, with the address of `account`."""

    account: str
    org_id: str
    issuer: str
    client_id: str
    subject: str


def _keyed(issuer: str, subject: str) -> str:
    return vault.keyed_digest("sign-on", json.dumps([issuer, subject]))


def find(issuer: str, subject: str) -> Bound | None:
    with db.engine.connect() as connection:
        row = connection.execute(
            select(sign_on_subjects).where(sign_on_subjects.c.digest == _keyed(issuer, subject))
        ).one_or_none()
    return Bound(row.link, row.account) if row else None


def bind(issuer: str, subject: str, bound: Bound) -> bool:
    """Remember whose the identity is; False when it is somebody else's: the first keeps it."""
    digest = _keyed(issuer, subject)
    with writing() as connection:
        row = {"link": bound.link, "account": bound.account}
        if insert_once(connection, sign_on_subjects, "digest", digest=digest, **row):
            return True
        again = connection.execute(
            update(sign_on_subjects)
            .where(sign_on_subjects.c.digest == digest, sign_on_subjects.c.account == bound.account)
            .values(row)
        )
    return again.rowcount == 1


def forget_link(link: str) -> None:
    """It was taken off its account, or never got there."""
    with writing() as connection:
        connection.execute(delete(sign_on_subjects).where(sign_on_subjects.c.link == link))


def forget(account: str) -> None:
    """Remove what could lead from an identity to the account: the person was erased."""
    with writing() as connection:
        for table in (sign_on_subjects, pending_links):
            connection.execute(delete(table).where(table.c.account == account))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def wait(pending: Pending) -> str:
    """Keep an identity until its person signed in in their usual way; the browser's token."""
    token = secrets.token_urlsafe(32)
    sealed = vault.seal(pending.account, pending.subject, _digest(token))
    with writing() as connection:
        connection.execute(
            delete(pending_links).where(pending_links.c.expires_at < clock.now_iso())
        )
        connection.execute(
            insert(pending_links).values(
                digest=_digest(token),
                account=pending.account,
                org_id=pending.org_id,
                issuer=pending.issuer,
                client_id=pending.client_id,
                sealed_subject=sealed,
                expires_at=clock.iso_in(minutes=MINUTES),
            )
        )
    return token


def waiting(token: str) -> Pending | None:
    """What waits in the browser that holds the token; None when it is over."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(pending_links).where(
                pending_links.c.digest == _digest(token),
                pending_links.c.expires_at > clock.now_iso(),
            )
        ).one_or_none()
    if row is None:
        return None
    subject = vault.unseal(row.account, row.sealed_subject, row.digest)
    if subject is None:
        return None
    return Pending(row.account, row.org_id, row.issuer, row.client_id, subject)


def waits_for(account: str) -> bool:
    """Whether in some browser an identity waits for this account's person."""
    with db.engine.connect() as connection:
        found = connection.execute(
            select(pending_links.c.digest).where(
                pending_links.c.account == account, pending_links.c.expires_at > clock.now_iso()
            )
        ).first()
    return found is not None


def done(token: str) -> None:
    with writing() as connection:
        connection.execute(delete(pending_links).where(pending_links.c.digest == _digest(token)))
