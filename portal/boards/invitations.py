"""Invitations that wait for an answer. The address is a reference into the vault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Index, Row, String, delete, insert, select, update

from portal import clock
from portal.boards import organizations
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.organization import events as e

invitations = db.Table(
    "invitations",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("address_ref", String(40), nullable=False),
    Column("role", String(24), nullable=False),
    Column("invited_by", String(80), nullable=False),
    Column("sent_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
)
Index("ix_invitations_org", invitations.c.org_id)
# Who accepted which, for the directory that had them invited.
accepted_invitations = db.Table(
    "accepted_invitations",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("account", String(80), nullable=False),
)
board(invitations, accepted_invitations)


@projects(e.Invited)
def _invited(connection: Connection, envelope: Envelope) -> None:
    event: e.Invited = envelope.event
    connection.execute(
        insert(invitations).values(
            id=event.invitation,
            org_id=envelope.stream,
            address_ref=event.address.id,
            role=event.role,
            invited_by=envelope.actor,
            sent_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


@projects(e.InvitationResent)
def _resent(connection: Connection, envelope: Envelope) -> None:
    event: e.InvitationResent = envelope.event
    connection.execute(
        update(invitations)
        .where(invitations.c.id == event.invitation)
        .values(sent_at=envelope.at, expires_at=event.expires_at)
    )


@projects(e.InvitationAccepted)
def _accepted(connection: Connection, envelope: Envelope) -> None:
    _answered(connection, envelope)
    connection.execute(
        insert(accepted_invitations).values(
            id=envelope.event.invitation, org_id=envelope.stream, account=envelope.actor
        )
    )


@projects(e.InvitationWithdrawn, e.InvitationDeclined)
def _answered(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(invitations).where(invitations.c.id == envelope.event.invitation))


def of_organization(org_id: str, viewer: Actor) -> list[Row[Any]]:
    """Everything that waits, also what has expired; for members and staff that reads cases."""
    organizations.get(org_id, viewer)
    return every(
        select(invitations).where(invitations.c.org_id == org_id).order_by(invitations.c.sent_at)
    )


def waiting_for(ids: Iterable[str]) -> list[dict[str, str]]:
    """Those of `ids` that were not answered, with the organization's name; `expired` is "yes" for
    those that can be accepted only once they are sent again."""
    rows = every(
        select(invitations).where(invitations.c.id.in_(set(ids))).order_by(invitations.c.sent_at)
    )
    now = clock.now_iso()
    names = organizations.names(row.org_id for row in rows)
    return [
        {
            "id": row.id,
            "organization": names[row.org_id],
            "role": row.role,
            "expires_at": row.expires_at,
            "expired": "" if row.expires_at > now else "yes",
        }
        for row in rows
    ]


def to_invitee(invitation_id: str, theirs: Iterable[str]) -> Row[Any]:
    """One of the invitations that went to an address of the viewer's, `theirs` (`desk.invitees`).

    Raises:
        NotFound: it is somebody else's, was answered, or never was.
    """
    row = for_robot(invitation_id) if invitation_id in set(theirs) else None
    if row is None:
        raise NotFound(
            "there is no such invitation",
            remedy="sign in with the address that it went to, or ask for it again",
        )
    return row


def for_robot(invitation_id: str) -> Row[Any] | None:
    """For the task that mails it; None once it was answered or withdrawn."""
    return one(select(invitations).where(invitations.c.id == invitation_id))


def accepted_by(invitation_id: str) -> str:
    """The account that accepted it; "" while nobody did."""
    row = one(select(accepted_invitations).where(accepted_invitations.c.id == invitation_id))
    return row.account if row else ""
