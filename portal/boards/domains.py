"""Domains: who claims which, whose is proven, which lapsed, and which two organizations want."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, delete, insert, select, update

from portal.boards import organizations
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.organization import events as e
from workflows.visibility import READERS

domains = db.Table(
    "domains",
    Column("org_id", String(40), primary_key=True),
    Column("domain", String(253), primary_key=True),
    Column("token", String(80), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("verified_at", String(27), nullable=False, default=""),
    Column("grace_until", String(27), nullable=False, default="", server_default=""),
    Column("contested_at", String(27), nullable=False, default="", server_default=""),
    Column("proof", String(8), nullable=False, default="", server_default=""),
)
# A domain that is proven belongs to one organization; whoever proved it first keeps it.
Index(
    "uq_domains_verified",
    domains.c.domain,
    unique=True,
    sqlite_where=domains.c.verified_at != "",
    postgresql_where=domains.c.verified_at != "",
)
board(domains)


@projects(e.DomainClaimed)
def _claimed(connection: Connection, envelope: Envelope) -> None:
    event: e.DomainClaimed = envelope.event
    _remove(connection, envelope)
    connection.execute(
        insert(domains).values(
            org_id=envelope.stream,
            domain=event.domain,
            token=event.token,
            expires_at=event.expires_at,
        )
    )


@projects(e.DomainDropped, e.DomainYielded)
def _remove(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(domains).where(
            domains.c.org_id == envelope.stream, domains.c.domain == envelope.event.domain
        )
    )


def _set(connection: Connection, envelope: Envelope, **values: str) -> None:
    connection.execute(
        update(domains)
        .where(domains.c.org_id == envelope.stream, domains.c.domain == envelope.event.domain)
        .values(values)
    )


@projects(e.DomainVerified)
def _verified(connection: Connection, envelope: Envelope) -> None:
    event: e.DomainVerified = envelope.event
    _set(connection, envelope, verified_at=event.looked_at, contested_at="", proof=event.proof)


@projects(e.DomainLapsed)
def _lapsed(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope, grace_until=envelope.event.grace_until)


@projects(e.DomainRestored)
def _restored(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope, grace_until="", proof=envelope.event.proof)


@projects(e.DomainLost)
def _lost(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope, verified_at="", grace_until="", proof="")


@projects(e.DomainContested)
def _contested(connection: Connection, envelope: Envelope) -> None:
    event: e.DomainContested = envelope.event
    _set(connection, envelope, contested_at=event.looked_at, proof=event.proof)


@projects(e.DomainContestDismissed)
def _dismissed(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope, contested_at="", expires_at="", proof="")


def of_organization(org_id: str, viewer: Actor) -> list[Row[Any]]:
    organizations.get(org_id, viewer)
    return every(select(domains).where(domains.c.org_id == org_id).order_by(domains.c.domain))


def claim(org_id: str, domain: str, viewer: Actor) -> Row[Any] | None:
    """A claim of the organization's, for members and staff that reads cases."""
    organizations.get(org_id, viewer)
    return claim_for_robot(org_id, domain)


def claim_for_robot(org_id: str, domain: str) -> Row[Any] | None:
    """A claim for the robot that looks it up; no viewer, no page."""
    return one(select(domains).where(domains.c.org_id == org_id, domains.c.domain == domain))


def proven() -> list[Row[Any]]:
    """Every proven domain, lapsed or not, for the robot that looks at them again."""
    return every(
        select(domains.c.org_id, domains.c.domain)
        .where(domains.c.verified_at != "")
        .order_by(domains.c.org_id, domains.c.domain)
    )


def contests(viewer: Actor) -> list[Row[Any]]:
    """(domain, holder, challenger, contested_at, proof) of each that two want, for staff.

    `holder` is None once the other gave it up: the next look then proves it for the challenger.
    """
    if not viewer.roles & READERS:
        return []
    held = domains.alias("held")
    return every(
        select(
            domains.c.domain,
            held.c.org_id.label("holder"),
            domains.c.org_id.label("challenger"),
            domains.c.contested_at,
            domains.c.proof,
        )
        .outerjoin(held, (held.c.domain == domains.c.domain) & (held.c.verified_at != ""))
        .where(domains.c.contested_at != "")
        .order_by(domains.c.contested_at)
    )
