"""Directories: which tokens an organization's speaks with, and what its groups mean."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Row,
    Select,
    String,
    Text,
    delete,
    insert,
    select,
    update,
)  # fmt: skip

from portal import clock
from portal.boards import organizations
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.organization import events as e

directory_tokens = db.Table(
    "directory_tokens",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    # The public key that gets tokens as this client; "" for a bearer token.
    Column("jwk", Text, nullable=False, default="", server_default=""),
)
directory_starts = db.Table(
    "directory_starts",
    Column("org_id", String(40), primary_key=True),
    Column("role", String(24), nullable=False),
)
directory_meanings = db.Table(
    "directory_meanings",
    Column("org_id", String(40), primary_key=True),
    Column("group_id", String(40), primary_key=True),
    Column("role", String(24), nullable=False),
    Column("room", String(40), nullable=False),
)
board(directory_tokens, directory_starts, directory_meanings)


@projects(e.DirectoryTokenMade)
def _made(connection: Connection, envelope: Envelope) -> None:
    _let_in(connection, envelope, "")


@projects(e.DirectoryKeyRegistered)
def _registered(connection: Connection, envelope: Envelope) -> None:
    _let_in(connection, envelope, json.dumps(envelope.event.jwk, sort_keys=True))


def _let_in(connection: Connection, envelope: Envelope, jwk: str) -> None:
    event: e.DirectoryTokenMade | e.DirectoryKeyRegistered = envelope.event
    connection.execute(
        insert(directory_tokens).values(
            id=event.token,
            org_id=envelope.stream,
            made_by=envelope.actor,
            made_at=envelope.at,
            expires_at=event.expires_at,
            jwk=jwk,
        )
    )


@projects(e.DirectoryTokenShortened)
def _shortened(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        update(directory_tokens)
        .where(directory_tokens.c.id == envelope.event.token)
        .values(expires_at=envelope.event.expires_at)
    )


@projects(e.DirectoryTokenRevoked)
def _revoked(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(directory_tokens).where(directory_tokens.c.id == envelope.event.token)
    )


@projects(e.DirectoryStartSet)
def _start(connection: Connection, envelope: Envelope) -> None:
    org_id = envelope.stream
    connection.execute(delete(directory_starts).where(directory_starts.c.org_id == org_id))
    connection.execute(insert(directory_starts).values(org_id=org_id, role=envelope.event.role))


@projects(e.DirectoryGroupMapped)
def _mapped(connection: Connection, envelope: Envelope) -> None:
    event: e.DirectoryGroupMapped = envelope.event
    connection.execute(
        delete(directory_meanings).where(
            directory_meanings.c.org_id == envelope.stream,
            directory_meanings.c.group_id == event.group,
        )
    )
    if event.role or event.room:
        connection.execute(
            insert(directory_meanings).values(
                org_id=envelope.stream, group_id=event.group, role=event.role, room=event.room
            )
        )


def accepts(token_id: str) -> bool:
    """Whether a bearer token counts at this moment."""
    row = one(_live(token_id))
    return row is not None and not row.jwk


def key(connection: Connection, client_id: str) -> Row[Any] | None:
    """A directory's key, if it counts at this moment."""
    row = connection.execute(_live(client_id)).one_or_none()
    return row if row is not None and row.jwk else None


def _live(token_id: str) -> Select[Any]:
    return select(directory_tokens).where(
        directory_tokens.c.id == token_id, directory_tokens.c.expires_at > clock.now_iso()
    )


def tokens(org_id: str, viewer: Actor) -> list[Row[Any]]:
    """Those that count, the newest first."""
    organizations.get(org_id, viewer)
    return tokens_for_robot(org_id)


def tokens_for_robot(org_id: str) -> list[Row[Any]]:
    """For the task that reminds; no viewer, no page."""
    return every(
        select(directory_tokens)
        .where(directory_tokens.c.org_id == org_id, directory_tokens.c.expires_at > clock.now_iso())
        .order_by(directory_tokens.c.made_at.desc(), directory_tokens.c.id.desc())
    )


def starts_as(org_id: str, viewer: Actor) -> str:
    organizations.get(org_id, viewer)
    row = one(select(directory_starts.c.role).where(directory_starts.c.org_id == org_id))
    return row.role if row else "member"


def meanings(org_id: str, viewer: Actor) -> dict[str, Row[Any]]:
    """Group id -> (role, room)."""
    organizations.get(org_id, viewer)
    rows = every(select(directory_meanings).where(directory_meanings.c.org_id == org_id))
    return {row.group_id: row for row in rows}
