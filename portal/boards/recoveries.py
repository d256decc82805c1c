"""Recoveries of accounts that are under way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Row, String, delete, insert, select, update

from portal import clock
from portal.boards.accounts import accounts
from portal.boards.organizations import members
from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.account import events as e
from workflows.actors import Actor
from workflows.visibility import READ_ROLES

recoveries = db.Table(
    "recoveries",
    Column("account", String(40), primary_key=True),
    Column("organization", String(40), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("confirmed_by", String(40), nullable=False, default=""),
    Column("due", String(27), nullable=False, default=""),
)
board(recoveries)


@projects(e.RecoveryProposed)
def _proposed(connection: Connection, envelope: Envelope) -> None:
    event: e.RecoveryProposed = envelope.event
    _over(connection, envelope)  # one that expired may be made again
    connection.execute(
        insert(recoveries).values(
            account=envelope.stream,
            organization=event.organization,
            proposed_by=event.proposed_by,
            proposed_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


@projects(e.RecoveryConfirmed)
def _confirmed(connection: Connection, envelope: Envelope) -> None:
    event: e.RecoveryConfirmed = envelope.event
    connection.execute(
        update(recoveries)
        .where(recoveries.c.account == envelope.stream)
        .values(confirmed_by=event.confirmed_by, due=event.due)
    )


@projects(e.RecoveryCancelled, e.RecoveryCompleted, e.Erased)
def _over(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(recoveries).where(recoveries.c.account == envelope.stream))


def under_way(viewer: Actor, people: Iterable[str] | None = None) -> dict[str, Row[Any]]:
    """Account -> its recovery, of these people or of all, with whether mailed links are held since
    a change of their address was undone; one that nobody confirmed in time is none.

    Whoever looks after roles sees all, anybody their own and their colleagues'.
    """
    alive = (recoveries.c.due != "") | (recoveries.c.expires_at > clock.now_iso())
    query = (
        select(recoveries, accounts.c.links_held)
        .join(accounts, accounts.c.id == recoveries.c.account)
        .where(alive)
        .order_by(recoveries.c.proposed_at)
    )
    if not viewer.roles & READ_ROLES:
        colleagues = select(members.c.account).where(members.c.org_id.in_(viewer.memberships))
        seen = (recoveries.c.account == viewer.id) | recoveries.c.account.in_(colleagues)
        query = query.where(seen)
    if people is not None:
        query = query.where(recoveries.c.account.in_(list(people)))
    return {row.account: row for row in every(query)}
