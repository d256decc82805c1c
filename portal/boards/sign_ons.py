"""Single sign-on: what each organization configured, who showed that it works, who is linked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    delete,
    insert,
    select,
    update,
)  # fmt: skip

from portal.boards import organizations
from portal.boards.domains import domains
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.account import events as account
from workflows.actors import Actor
from workflows.organization import events as e

sign_ons = db.Table(
    "sign_ons",
    Column("org_id", String(40), primary_key=True),
    Column("issuer", String(250), nullable=False),
    Column("client_id", String(250), nullable=False),
    Column("authentication", String(24), nullable=False),
    Column("counts_as_passkey", Integer, nullable=False),
    Column("required", Integer, nullable=False),
    Column("configured_by", String(80), nullable=False),
    Column("configured_at", String(27), nullable=False),
)
sign_on_proofs = db.Table(
    "sign_on_proofs",
    Column("org_id", String(40), primary_key=True),
    Column("account", String(40), primary_key=True),
)
linked_sign_ons = db.Table(
    "linked_sign_ons",
    Column("link", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("org_id", String(40), nullable=False),
    Column("issuer", String(250), nullable=False),
    Column("subject_ref", String(40), nullable=False),
    Column("linked_at", String(27), nullable=False),
)
Index("ix_linked_sign_ons_account", linked_sign_ons.c.account)
board(sign_ons, sign_on_proofs, linked_sign_ons)


@projects(e.SignOnConfigured)
def _configured(connection: Connection, envelope: Envelope) -> None:
    event: e.SignOnConfigured = envelope.event
    _gone(connection, envelope.stream)
    connection.execute(
        insert(sign_ons).values(
            org_id=envelope.stream,
            issuer=event.issuer,
            client_id=event.client_id,
            authentication=event.authentication,
            counts_as_passkey=int(event.counts_as_passkey),
            required=0,
            configured_by=envelope.actor,
            configured_at=envelope.at,
        )
    )


@projects(e.SignOnRemoved)
def _removed(connection: Connection, envelope: Envelope) -> None:
    _gone(connection, envelope.stream)


def _gone(connection: Connection, org_id: str) -> None:
    for table in (sign_ons, sign_on_proofs):
        connection.execute(delete(table).where(table.c.org_id == org_id))


@projects(e.SignOnProven)
def _proven(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        insert(sign_on_proofs).values(org_id=envelope.stream, account=envelope.event.account)
    )


@projects(e.SignOnRequired, e.SignOnRequirementLifted)
def _required(connection: Connection, envelope: Envelope) -> None:
    required = int(isinstance(envelope.event, e.SignOnRequired))
    connection.execute(
        update(sign_ons).where(sign_ons.c.org_id == envelope.stream).values(required=required)
    )


@projects(account.SignOnLinked)
def _linked(connection: Connection, envelope: Envelope) -> None:
    event: account.SignOnLinked = envelope.event
    connection.execute(
        insert(linked_sign_ons).values(
            link=event.link,
            account=envelope.stream,
            org_id=event.organization,
            issuer=event.issuer,
            subject_ref=event.subject.id,
            linked_at=envelope.at,
        )
    )


@projects(account.SignOnUnlinked)
def _unlinked(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(linked_sign_ons).where(linked_sign_ons.c.link == envelope.event.link))


@projects(account.Erased)
def _erased(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(linked_sign_ons).where(linked_sign_ons.c.account == envelope.stream))


def of_organization(org_id: str, viewer: Actor) -> Row[Any] | None:
    """What is configured, for members and staff that reads cases; None for nothing."""
    organizations.get(org_id, viewer)
    return configured(org_id)


def configured(org_id: str) -> Row[Any] | None:
    """The same for somebody who signs in and is nobody yet; no page."""
    return one(select(sign_ons).where(sign_ons.c.org_id == org_id))


def is_proven_by(org_id: str, account_id: str) -> bool:
    """Whether the person signed in through the present configuration."""
    query = select(sign_on_proofs).where(
        sign_on_proofs.c.org_id == org_id, sign_on_proofs.c.account == account_id
    )
    return one(query) is not None


def for_domain(domain: str) -> Row[Any] | None:
    """What the organization configured that has proven this domain; A-labels, lower case."""
    return one(
        select(sign_ons)
        .join(domains, domains.c.org_id == sign_ons.c.org_id)
        .where(domains.c.domain == domain, domains.c.verified_at != "")
    )


def has_proven(org_id: str, domain: str) -> bool:
    """Whether the domain is the organization's own, proven in DNS."""
    query = select(domains.c.domain).where(
        domains.c.org_id == org_id, domains.c.domain == domain, domains.c.verified_at != ""
    )
    return one(query) is not None


def linked(link: str) -> Row[Any] | None:
    return one(select(linked_sign_ons).where(linked_sign_ons.c.link == link))


def linked_to(account_id: str) -> list[Row[Any]]:
    """A person's linked sign-ins, oldest first."""
    return every(
        select(linked_sign_ons)
        .where(linked_sign_ons.c.account == account_id)
        .order_by(linked_sign_ons.c.linked_at)
    )
