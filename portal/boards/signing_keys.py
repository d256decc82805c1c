"""The issuer's own keys, public halves only."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Connection, Row, String, Text, insert, select, update

from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.key import events as e

signing_keys = db.Table(
    "signing_keys",
    Column("id", String(40), primary_key=True),
    Column("kid", String(43), nullable=False, unique=True),
    Column("purpose", String(24), nullable=False),
    Column("alg", String(12), nullable=False),
    Column("jwk", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("since", String(27), nullable=False),
    Column("publish_until", String(27), nullable=False, default=""),
)
board(signing_keys)


@projects(e.Created)
def _created(connection: Connection, envelope: Envelope) -> None:
    event: e.Created = envelope.event
    connection.execute(
        insert(signing_keys).values(
            id=envelope.stream,
            kid=event.kid,
            purpose=event.purpose,
            alg=event.alg,
            jwk=json.dumps(event.jwk, sort_keys=True),
            status="pending",
            since=envelope.at,
        )
    )


@projects(e.Activated, e.Retired, e.Destroyed)
def _moved(connection: Connection, envelope: Envelope) -> None:
    status = {e.Activated: "active", e.Retired: "retiring", e.Destroyed: "destroyed"}
    values = {"status": status[type(envelope.event)], "since": envelope.at}
    if isinstance(envelope.event, e.Retired):
        values["publish_until"] = envelope.event.publish_until
    connection.execute(
        update(signing_keys).where(signing_keys.c.id == envelope.stream).values(**values)
    )


def every_key() -> list[Row[Any]]:
    return every(select(signing_keys).order_by(signing_keys.c.since))


def published() -> list[Row[Any]]:
    """Keys for the JWKS: pending (so that caches know them in time), active, retiring."""
    return every(
        select(signing_keys)
        .where(signing_keys.c.status.in_(("pending", "active", "retiring")))
        .order_by(signing_keys.c.since)
    )
