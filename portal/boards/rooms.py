"""Workspaces and engagements, who is in them, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, delete, insert, select, update

from portal.boards.organizations import members
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.engagement import events as engagement
from workflows.errors import NotFound
from workflows.organization import events as organization
from workflows.workspace import events as workspace

workspaces = db.Table(
    "workspaces",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("name_ref", String(40), nullable=False),
    Column("phase", String(12), nullable=False),
    Column("opened_at", String(27), nullable=False),
)
Index("ix_workspaces_org", workspaces.c.org_id)
engagements = db.Table(
    "engagements",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("workspace", String(40), nullable=False),
    Column("title_ref", String(40), nullable=False),
    Column("targets_ref", String(40), nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10), nullable=False),
    Column("document_ref", String(40), nullable=False, default=""),
    Column("about_ref", String(40), nullable=False, default=""),
    Column("phase", String(12), nullable=False),
    Column("opened_at", String(27), nullable=False),
)
Index("ix_engagements_org", engagements.c.org_id)
placed_members = db.Table(
    "placed_members",
    Column("org_id", String(40), primary_key=True),
    Column("account", String(40), primary_key=True),
    Column("room", String(40), primary_key=True),
)
Index("ix_placed_members_account", placed_members.c.account)
placed_applications = db.Table(
    "placed_applications",
    Column("workspace", String(40), primary_key=True),
    Column("application", String(40), primary_key=True),
)
board(workspaces, engagements, placed_members, placed_applications)


@projects(workspace.Opened)
def _workspace(connection: Connection, envelope: Envelope) -> None:
    event: workspace.Opened = envelope.event
    connection.execute(
        insert(workspaces).values(
            id=envelope.stream,
            org_id=event.org_id,
            name_ref=event.name.id,
            phase="open",
            opened_at=envelope.at,
        )
    )


@projects(workspace.Closed)
def _workspace_closed(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        update(workspaces).where(workspaces.c.id == envelope.stream).values(phase="closed")
    )


@projects(workspace.ApplicationPlaced)
def _shown(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        insert(placed_applications).values(
            workspace=envelope.stream, application=envelope.event.application
        )
    )


@projects(workspace.ApplicationTakenOut)
def _no_longer_shown(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(placed_applications).where(
            placed_applications.c.workspace == envelope.stream,
            placed_applications.c.application == envelope.event.application,
        )
    )


@projects(engagement.Opened)
def _engagement(connection: Connection, envelope: Envelope) -> None:
    event: engagement.Opened = envelope.event
    connection.execute(
        insert(engagements).values(
            id=envelope.stream,
            org_id=event.org_id,
            workspace=event.workspace,
            title_ref=event.title.id,
            targets_ref=event.targets.id,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
            phase="open",
            opened_at=envelope.at,
        )
    )


def _set(connection: Connection, envelope: Envelope, **values: str) -> None:
    connection.execute(
        update(engagements).where(engagements.c.id == envelope.stream).values(values)
    )


@projects(engagement.Changed)
def _changed(connection: Connection, envelope: Envelope) -> None:
    event: engagement.Changed = envelope.event
    _set(
        connection, envelope, targets_ref=event.targets.id, starts_on=event.starts_on,
        ends_on=event.ends_on, document_ref="", about_ref="",
    )  # fmt: skip


@projects(engagement.DocumentAttached)
def _documented(connection: Connection, envelope: Envelope) -> None:
    event: engagement.DocumentAttached = envelope.event
    _set(connection, envelope, document_ref=event.file.id, about_ref=event.about.id)


@projects(engagement.Closed)
def _engagement_closed(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope, phase="closed")


@projects(organization.MemberPlaced)
def _placed(connection: Connection, envelope: Envelope) -> None:
    event: organization.MemberPlaced = envelope.event
    connection.execute(
        insert(placed_members).values(
            org_id=envelope.stream, account=event.account, room=event.room
        )
    )


@projects(organization.MemberUnplaced)
def _unplaced(connection: Connection, envelope: Envelope) -> None:
    _gone(connection, envelope, placed_members.c.room == envelope.event.room)


@projects(organization.MemberRemoved, organization.MemberLeft)
def _gone(connection: Connection, envelope: Envelope, *only: Any) -> None:
    connection.execute(
        delete(placed_members).where(
            placed_members.c.org_id == envelope.stream,
            placed_members.c.account == envelope.event.account,
            *only,
        )
    )


@dataclass(frozen=True, slots=True)
class Guest:
    """What an account sees as a guest: organizations, rooms, and application -> organization."""

    organizations: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=dict)


def guest(account: str) -> Guest:
    """Where the account is a guest, and what the rooms there show; closed rooms show nothing."""
    hosts = every(
        select(members.c.org_id).where(
            members.c.account == account,
            members.c.role == "guest",
            members.c.suspended_at == "",
        )
    )
    if not hosts:
        return Guest()
    orgs = frozenset(row.org_id for row in hosts)
    mine = select(placed_members.c.room).where(
        placed_members.c.account == account, placed_members.c.org_id.in_(orgs)
    )
    open_rooms = every(
        select(workspaces.c.id).where(workspaces.c.id.in_(mine), workspaces.c.phase == "open")
    )
    direct = {row.id for row in open_rooms}
    work = every(
        select(engagements.c.id).where(
            engagements.c.id.in_(mine) | engagements.c.workspace.in_(direct),
            engagements.c.phase == "open",
        )
    )
    placed = every(
        select(placed_applications.c.application, workspaces.c.org_id)
        .join(workspaces, workspaces.c.id == placed_applications.c.workspace)
        .where(placed_applications.c.workspace.in_(direct))
    )
    rooms = frozenset(direct | {row.id for row in work})
    return Guest(orgs, rooms, {row.application: row.org_id for row in placed})


def _sees(row: Row[Any] | None, viewer: Actor) -> bool:
    if row is None:
        return False
    in_there = row.org_id in viewer.guest_of and row.id in viewer.rooms
    return row.org_id in viewer.memberships or in_there


def get_workspace(workspace_id: str, viewer: Actor) -> Row[Any]:
    """NotFound unless the viewer is a member, or a guest who is in it."""
    row = one(select(workspaces).where(workspaces.c.id == workspace_id))
    if row is None or not _sees(row, viewer):
        raise NotFound("there is no such workspace")
    return row


def get_engagement(engagement_id: str, viewer: Actor) -> Row[Any]:
    """NotFound unless the viewer is a member, or a guest who is in it or in its workspace."""
    row = one(select(engagements).where(engagements.c.id == engagement_id))
    if row is None or not _sees(row, viewer):
        raise NotFound("there is no such engagement")
    return row


def workspaces_of(viewer: Actor, org_id: str = "") -> list[Row[Any]]:
    """Open workspaces that the viewer sees, of one organization or of all."""
    mine = [org_id] if org_id else [*viewer.memberships, *viewer.guest_of]
    rows = every(
        select(workspaces)
        .where(workspaces.c.org_id.in_(mine), workspaces.c.phase == "open")
        .order_by(workspaces.c.opened_at)
    )
    return [row for row in rows if _sees(row, viewer)]


def engagements_of(viewer: Actor, org_id: str = "", workspace: str = "") -> list[Row[Any]]:
    """Engagements that the viewer sees, the one that ends next first."""
    mine = [org_id] if org_id else [*viewer.memberships, *viewer.guest_of]
    query = select(engagements).where(engagements.c.org_id.in_(mine))
    if workspace:
        query = query.where(engagements.c.workspace == workspace)
    return [row for row in every(query.order_by(engagements.c.ends_on)) if _sees(row, viewer)]


def people_in(room: str, viewer: Actor) -> list[str]:
    """Account ids of who was let into a room; NotFound unless the viewer sees the room."""
    get_workspace(room, viewer) if room.startswith("ws_") else get_engagement(room, viewer)
    rows = every(select(placed_members.c.account).where(placed_members.c.room == room))
    return [row.account for row in rows]


def applications_in(workspace_id: str, viewer: Actor) -> list[str]:
    """Ids of the applications that a workspace shows; NotFound unless the viewer sees it."""
    get_workspace(workspace_id, viewer)
    rows = every(
        select(placed_applications.c.application).where(
            placed_applications.c.workspace == workspace_id
        )
    )
    return [row.application for row in rows]
