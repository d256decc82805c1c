"""Downstream services: which audiences tokens may be minted for."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Connection, Row, String, Text, insert, select, update

from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.service import events as e

services = db.Table(
    "services",
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("audience", String(400), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("developer", String(40), nullable=False),
    Column("jwk", Text, nullable=False, default=""),
    Column("jkt", String(43), nullable=False, default=""),
    Column("registered_at", String(27), nullable=False),
)
board(services)
READERS = frozenset({"service_manager", "program_manager", "auditor"})


@projects(e.Registered)
def _registered(connection: Connection, envelope: Envelope) -> None:
    event: e.Registered = envelope.event
    connection.execute(
        insert(services).values(
            id=envelope.stream,
            name=event.name,
            audience=event.audience,
            scopes=json.dumps(event.scopes),
            status="proposed",
            developer=event.developer,
            registered_at=envelope.at,
        )
    )


@projects(e.Approved, e.Retired)
def _moved(connection: Connection, envelope: Envelope) -> None:
    status = "approved" if isinstance(envelope.event, e.Approved) else "retired"
    connection.execute(
        update(services).where(services.c.id == envelope.stream).values(status=status)
    )


@projects(e.KeyRegistered)
def _key(connection: Connection, envelope: Envelope) -> None:
    event: e.KeyRegistered = envelope.event
    connection.execute(
        update(services)
        .where(services.c.id == envelope.stream)
        .values(jkt=event.jkt, jwk=json.dumps(event.jwk, sort_keys=True))
    )


def get(service_id: str, viewer: Actor) -> Row[Any]:
    row = one(select(services).where(services.c.id == service_id))
    if row is None or not (row.developer == viewer.id or viewer.roles & READERS):
        raise NotFound("there is no such service")
    return row


def visible_to(viewer: Actor) -> list[Row[Any]]:
    """A developer's own services; all of them for those who approve or audit."""
    query = select(services).order_by(services.c.registered_at.desc())
    if not viewer.roles & READERS:
        query = query.where(services.c.developer == viewer.id)
    return every(query)


def approved() -> list[Row[Any]]:
    """Services that tokens can be minted for; public knowledge among grant holders."""
    return every(select(services).where(services.c.status == "approved").order_by(services.c.name))
