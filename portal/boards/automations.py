"""Automations: keys with which people's own programs read what they see."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, Text, delete, insert, select

from portal import clock
from portal.boards.accounts import accounts
from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.account import events as e

automations = db.Table(
    "automations",
    Column("id", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("jkt", String(43), nullable=False, unique=True),
    Column("jwk", Text, nullable=False),
    Column("label_ref", String(40), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
)
Index("ix_automations_account", automations.c.account)
board(automations)


@projects(e.AutomationRegistered)
def _registered(connection: Connection, envelope: Envelope) -> None:
    event: e.AutomationRegistered = envelope.event
    connection.execute(
        insert(automations).values(
            id=event.automation,
            account=envelope.stream,
            jkt=event.jkt,
            jwk=json.dumps(event.jwk, sort_keys=True),
            label_ref=event.label.id,
            scopes=json.dumps(event.scopes),
            registered_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


@projects(e.AutomationRevoked)
def _revoked(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(automations).where(automations.c.id == envelope.event.automation))


@projects(e.Erased, e.RecoveryCompleted)
def _gone(connection: Connection, envelope: Envelope) -> None:
    """Whoever recovers an account may not know of keys that a thief had registered."""
    connection.execute(delete(automations).where(automations.c.account == envelope.stream))


def of_person(account: str) -> list[Row[Any]]:
    """Their keys, also those that ended, the newest first."""
    return every(
        select(automations)
        .where(automations.c.account == account)
        .order_by(automations.c.registered_at.desc())
    )


def live(connection: Connection, automation: str) -> Row[Any] | None:
    """The key, if it counts at this moment and its person's account is open."""
    return connection.execute(
        select(automations)
        .join(accounts, accounts.c.id == automations.c.account)
        .where(
            automations.c.id == automation,
            automations.c.expires_at > clock.now_iso(),
            accounts.c.phase == "open",
        )
    ).one_or_none()
