"""Organizations, their members and their domains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, delete, insert, select, update

from portal import vault
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.organization import events as e
from workflows.visibility import reads

organizations = db.Table(
    "organizations",
    Column("id", String(40), primary_key=True),
    Column("name_ref", String(40), nullable=False),
    Column("registered_at", String(27), nullable=False),
    Column("offered_to", String(40), nullable=False, default="", server_default=""),
)
members = db.Table(
    "members",
    Column("org_id", String(40), primary_key=True),
    Column("account", String(40), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("joined_at", String(27), nullable=False),
    # Until when they are spoken for, and since when their membership opens nothing: "" for not.
    Column("attest_by", String(27), nullable=False, default="", server_default=""),
    Column("suspended_at", String(27), nullable=False, default="", server_default=""),
)
Index("ix_members_account", members.c.account)
board(organizations, members)


@projects(e.Registered)
def _registered(connection: Connection, envelope: Envelope) -> None:
    event: e.Registered = envelope.event
    connection.execute(
        insert(organizations).values(
            id=envelope.stream, name_ref=event.name.id, registered_at=envelope.at
        )
    )
    _join(connection, envelope, event.owner, "owner")


@projects(e.MemberJoined)
def _joined(connection: Connection, envelope: Envelope) -> None:
    _join(connection, envelope, envelope.event.account, envelope.event.role)


def _join(connection: Connection, envelope: Envelope, account: str, role: str) -> None:
    connection.execute(
        insert(members).values(
            org_id=envelope.stream, account=account, role=role, joined_at=envelope.at
        )
    )


@projects(e.MemberRemoved, e.MemberLeft)
def _gone(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(members).where(
            members.c.org_id == envelope.stream, members.c.account == envelope.event.account
        )
    )
    connection.execute(
        update(organizations)
        .where(
            organizations.c.id == envelope.stream,
            organizations.c.offered_to == envelope.event.account,
        )
        .values(offered_to="")
    )


@projects(e.RoleChanged)
def _role(connection: Connection, envelope: Envelope) -> None:
    _set_role(connection, envelope.stream, envelope.event.account, envelope.event.role)


@projects(e.OwnershipTransferred)
def _transferred(connection: Connection, envelope: Envelope) -> None:
    event: e.OwnershipTransferred = envelope.event
    _set_role(connection, envelope.stream, event.former, "admin")
    _set(connection, envelope.stream, event.former, attest_by="", suspended_at="")
    _set_role(connection, envelope.stream, event.owner, "owner")
    _offer(connection, envelope.stream, "")


def _set_role(connection: Connection, org_id: str, account: str, role: str) -> None:
    _set(connection, org_id, account, role=role)


def _set(connection: Connection, org_id: str, account: str, **values: str) -> None:
    connection.execute(
        update(members)
        .where(members.c.org_id == org_id, members.c.account == account)
        .values(values)
    )


@projects(e.AttestationBegan, e.MemberAttested)
def _attested(connection: Connection, envelope: Envelope) -> None:
    due = envelope.event.due
    _set(connection, envelope.stream, envelope.event.account, attest_by=due)


@projects(e.MemberSuspended)
def _suspended(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, envelope.event.account, suspended_at=envelope.at)


@projects(e.MemberReinstated)
def _reinstated(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, envelope.event.account, suspended_at="")


@projects(e.OwnershipOffered)
def _offered(connection: Connection, envelope: Envelope) -> None:
    _offer(connection, envelope.stream, envelope.event.account)


@projects(e.OwnershipOfferWithdrawn)
def _offer_withdrawn(connection: Connection, envelope: Envelope) -> None:
    _offer(connection, envelope.stream, "")


def _offer(connection: Connection, org_id: str, account: str) -> None:
    connection.execute(
        update(organizations).where(organizations.c.id == org_id).values(offered_to=account)
    )


def of(account_id: str) -> dict[str, frozenset[str]]:
    """Organization id -> roles, for an actor's memberships; a guest has none, and whoever is
    suspended has none either."""
    rows = every(
        select(members.c.org_id, members.c.role).where(
            members.c.account == account_id,
            members.c.role != "guest",
            members.c.suspended_at == "",
        )
    )
    return {row.org_id: frozenset({row.role}) for row in rows}


def suspended_in(account_id: str) -> frozenset[str]:
    """Organizations in which their membership, or their standing as a guest, is suspended."""
    rows = every(
        select(members.c.org_id).where(
            members.c.account == account_id, members.c.suspended_at != ""
        )
    )
    return frozenset(row.org_id for row in rows)


def belongs(account_id: str) -> dict[str, str]:
    """Organization id -> role, wherever they belong: guests and the suspended too."""
    rows = every(select(members.c.org_id, members.c.role).where(members.c.account == account_id))
    return {row.org_id: row.role for row in rows}


def size(org_id: str, viewer: Actor) -> int:
    """How many people belong to it, guests too; for members and staff that reads cases."""
    get(org_id, viewer)
    return len(every(select(members.c.account).where(members.c.org_id == org_id)))


def get(org_id: str, viewer: Actor) -> Row[Any]:
    """NotFound unless the viewer is a member, or staff that reads cases."""
    row = one(select(organizations).where(organizations.c.id == org_id))
    if row is None or not (org_id in viewer.memberships or reads(viewer, org_id)):
        raise NotFound("there is no such organization")
    return row


def names(org_ids: Iterable[str]) -> dict[str, str]:
    """Names by id, "[erased]" once erased."""
    wanted = set(org_ids)
    rows = every(
        select(organizations.c.id, organizations.c.name_ref).where(organizations.c.id.in_(wanted))
    )
    texts = vault.texts(row.name_ref for row in rows)
    return {row.id: texts.get(row.name_ref, "[erased]") for row in rows}


def members_of(org_id: str, viewer: Actor) -> list[Row[Any]]:
    get(org_id, viewer)
    return every(select(members).where(members.c.org_id == org_id).order_by(members.c.joined_at))


def people_to_tell(org_id: str) -> list[str]:
    """Account ids of owners and admins, for notices."""
    rows = every(
        select(members.c.account).where(
            members.c.org_id == org_id,
            members.c.role.in_(("owner", "admin")),
            members.c.suspended_at == "",
        )
    )
    return [row.account for row in rows]
