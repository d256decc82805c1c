"""Grants, their credentials, and the gate: may this credential get a token now?"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Row,
    String,
    Text,
    case,
    exists,
    insert,
    select,
    tuple_,
    update,
)  # fmt: skip

from portal.boards.domains import domains
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, looks_up, projects
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.grant import events as e
from workflows.grant.state import HOLDER_SUSPENDED, NOT_ATTESTED
from workflows.visibility import GRANT_READERS, reads

grants = db.Table(
    "grants",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("application", String(40), nullable=False),
    Column("program", String(48), nullable=False),
    Column("program_version", String(64), nullable=False),
    Column("tier", String(48), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("status_since", String(27), nullable=False),
    Column("reason", String(48), nullable=False, default=""),
    Column("opened_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
)
Index("ix_grants_org", grants.c.org_id)
Index("ix_grants_status", grants.c.status, grants.c.opened_at)
# The gate: one row a credential. Issuing share-locks it, every way of losing access updates it.
gates = db.Table(
    "gates",
    Column("credential", String(40), primary_key=True),
    Column("grant_id", String(40), nullable=False),
    Column("org_id", String(40), nullable=False),
    Column("jwk", Text, nullable=False),
    Column("label_ref", String(40), nullable=False),
    Column("registered_by", String(40), nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("status", String(12), nullable=False),
    Column("status_since", String(27), nullable=False),
    Column("reason", String(48), nullable=False, default=""),
    # Until when it is spoken for, and since when it is suspended by itself: "" for not.
    Column("attest_by", String(27), nullable=False, default="", server_default=""),
    Column("not_attested", String(27), nullable=False, default="", server_default=""),
    Column("holder_suspended", String(27), nullable=False, default="", server_default=""),
)
Index("ix_gates_grant", gates.c.grant_id)
# A key names one credential for ever, also after it was revoked.
credential_keys = db.Table(
    "credential_keys",
    Column("jkt", String(43), primary_key=True),
    Column("credential", String(40), nullable=False),
)
board(grants, gates, credential_keys)


@projects(e.Opened)
def _opened(connection: Connection, envelope: Envelope) -> None:
    event: e.Opened = envelope.event
    connection.execute(
        insert(grants).values(
            id=envelope.stream,
            org_id=event.org_id,
            application=event.application,
            program=event.program,
            program_version=event.program_version,
            tier=event.tier,
            scopes=json.dumps(event.scopes),
            status="active",
            status_since=envelope.at,
            opened_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


_STATUS = {e.Suspended: "suspended", e.Resumed: "active", e.Revoked: "revoked",
           e.Expired: "expired"}  # fmt: skip


@projects(*_STATUS)
def _moved(connection: Connection, envelope: Envelope) -> None:
    """Every way in which a grant gains or loses access: its row and all its gates, at once."""
    kind = type(envelope.event)
    reason = getattr(envelope.event, "reason", "")
    connection.execute(
        update(grants)
        .where(grants.c.id == envelope.stream)
        .values(status=_STATUS[kind], status_since=envelope.at, reason=reason)
    )
    ended = kind in (e.Revoked, e.Expired)
    connection.execute(
        update(gates)
        .where(gates.c.grant_id == envelope.stream, gates.c.status != "invalid")
        .values(
            status="invalid" if ended else _standing(envelope.stream),
            status_since=envelope.at,
            reason=reason if ended else _why(envelope.stream),
        )
    )


# Grant and key are suspended each for itself; a gate is open when nothing holds it.
_HELD = ((gates.c.not_attested != "", NOT_ATTESTED), (gates.c.holder_suspended != "",
         HOLDER_SUSPENDED))  # fmt: skip


def _of_grant(column: Column[str], grant_id: str) -> Any:
    return select(column).where(grants.c.id == grant_id).scalar_subquery()


def _standing(grant_id: str) -> Any:
    suspended = _of_grant(grants.c.status, grant_id) == "suspended"
    return case((suspended, "suspended"), *((held, "suspended") for held, _ in _HELD),
                else_="valid")  # fmt: skip


def _why(grant_id: str) -> Any:
    suspended = _of_grant(grants.c.status, grant_id) == "suspended"
    return case((suspended, _of_grant(grants.c.reason, grant_id)), *_HELD, else_="")


@projects(e.CredentialRegistered)
def _registered(connection: Connection, envelope: Envelope) -> None:
    event: e.CredentialRegistered = envelope.event
    org_id = connection.execute(
        select(grants.c.org_id).where(grants.c.id == envelope.stream)
    ).scalar_one()
    connection.execute(insert(credential_keys).values(jkt=event.jkt, credential=event.credential))
    connection.execute(
        insert(gates).values(
            credential=event.credential,
            grant_id=envelope.stream,
            org_id=org_id,
            jwk=json.dumps(event.jwk, sort_keys=True),
            label_ref=event.label.id,
            registered_by=event.registered_by,
            registered_at=envelope.at,
            status="valid",
            status_since=envelope.at,
        )
    )


@projects(e.CredentialRevoked)
def _revoked(connection: Connection, envelope: Envelope) -> None:
    event: e.CredentialRevoked = envelope.event
    connection.execute(
        update(gates)
        .where(gates.c.credential == event.credential)
        .values(status="invalid", status_since=envelope.at, reason=event.reason)
    )


@projects(e.AttestationBegan, e.CredentialAttested)
def _attested(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        update(gates)
        .where(gates.c.credential == envelope.event.credential)
        .values(attest_by=envelope.event.due)
    )


@projects(e.CredentialSuspended)
def _held(connection: Connection, envelope: Envelope) -> None:
    _hold(connection, envelope, envelope.at)


@projects(e.CredentialResumed)
def _released(connection: Connection, envelope: Envelope) -> None:
    _hold(connection, envelope, "")


def _hold(connection: Connection, envelope: Envelope, since: str) -> None:
    """Hold the gate for a reason, or no longer; the row is held against whoever mints."""
    gate = gates.c.credential == envelope.event.credential
    connection.execute(update(gates).where(gate).values({envelope.event.reason: since}))
    connection.execute(
        update(gates)
        .where(gate, gates.c.status != "invalid")
        .values(
            status=_standing(envelope.stream),
            status_since=envelope.at,
            reason=_why(envelope.stream),
        )
    )


@looks_up
def grants_with_keys_of(connection: Connection, org_id: str, account: str) -> list[str]:
    """Grants of an organization under which a live key stands in this person's name."""
    found = connection.execute(
        select(gates.c.grant_id)
        .where(
            gates.c.org_id == org_id,
            gates.c.registered_by == account,
            gates.c.status != "invalid",
        )
        .distinct()
        .order_by(gates.c.grant_id)
    )
    return [row.grant_id for row in found]


@looks_up
def grants_resting_on(
    connection: Connection, org_id: str, domain: str, stood_since: str
) -> list[str]:
    """Active grants that were opened while this domain stood, and no other that still does."""
    other = exists().where(
        domains.c.org_id == grants.c.org_id,
        domains.c.domain != domain,
        domains.c.verified_at != "",
        domains.c.verified_at <= grants.c.opened_at,
    )
    found = connection.execute(
        select(grants.c.id)
        .where(
            grants.c.org_id == org_id,
            grants.c.status == "active",
            grants.c.opened_at >= stood_since,
            ~other,
        )
        .order_by(grants.c.id)
    )
    return [row.id for row in found]


def get(grant_id: str, viewer: Actor) -> Row[Any]:
    """The grant; NotFound when it is none of the viewer's."""
    row = one(select(grants).where(grants.c.id == grant_id))
    if row is None or not (
        viewer.applied(row.org_id, row.application) or reads(viewer, row.org_id, GRANT_READERS)
    ):
        raise NotFound("there is no such grant")
    return row


def of_organizations(viewer: Actor) -> list[Row[Any]]:
    shown = tuple_(grants.c.application, grants.c.org_id).in_(list(viewer.shown.items()))
    return every(
        select(grants)
        .where(grants.c.org_id.in_(list(viewer.memberships)) | shown)
        .order_by(grants.c.opened_at.desc())
    )


def for_staff(
    viewer: Actor, status: str = "", *, before: tuple[str, str] = ("", ""), limit: int = 50
) -> list[Row[Any]]:
    """One page of grants, newest first, keyset-paged by (opened_at, id)."""
    if not viewer.roles & GRANT_READERS:
        return []
    query = select(grants).order_by(grants.c.opened_at.desc(), grants.c.id.desc()).limit(limit)
    if status:
        query = query.where(grants.c.status == status)
    if before[1]:
        query = query.where(
            (grants.c.opened_at < before[0])
            | ((grants.c.opened_at == before[0]) & (grants.c.id < before[1]))
        )
    return every(query)


def credentials_of(grant_id: str, viewer: Actor) -> list[Row[Any]]:
    get(grant_id, viewer)
    return every(select(gates).where(gates.c.grant_id == grant_id).order_by(gates.c.registered_at))


def credential(credential_id: str, viewer: Actor) -> Row[Any]:
    """The credential; NotFound when it is none of the viewer's."""
    row = one(select(gates).where(gates.c.credential == credential_id))
    theirs = row is not None and row.org_id in viewer.memberships
    if row is None or not (theirs or reads(viewer, row.org_id, GRANT_READERS)):
        raise NotFound("there is no such credential")
    return row


def for_notice(grant_id: str) -> Row[Any] | None:
    """The grant, for the task that writes mail about it; no viewer, no page."""
    return one(select(grants).where(grants.c.id == grant_id))
