"""Directories: which tokens an organization's speaks with, and what its groups mean."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Row, String, delete, insert, select, update

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
    event: e.DirectoryTokenMade = envelope.event
    connection.execute(
        insert(directory_tokens).values(
            id=event.token,
            org_id=envelope.stream,
            made_by=envelope.actor,
            made_at=envelope.at,
            expires_at=event.expires_at,
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
    """Whether a token counts at this moment."""
    return (
        one(
            select(directory_tokens.c.id).where(
                directory_tokens.c.id == token_id, directory_tokens.c.expires_at > clock.now_iso()
            )
        )
        is not None
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
