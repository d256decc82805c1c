"""Organizations that people with an address in their domain may ask to join, and who asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Row, String, delete, insert, select, union

from portal import clock
from portal.boards import organizations
from portal.boards.domains import domains
from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, looks_up, projects
from workflows.actors import Actor
from workflows.organization import events as e

joining = db.Table("joining", Column("org_id", String(40), primary_key=True))
join_requests = db.Table(
    "join_requests",
    Column("org_id", String(40), primary_key=True),
    Column("account", String(40), primary_key=True),
    Column("domain", String(253), nullable=False),
    Column("asked_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
)
board(joining, join_requests)


@projects(e.JoiningSet)
def _set(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(joining).where(joining.c.org_id == envelope.stream))
    if envelope.event.open:
        connection.execute(insert(joining).values(org_id=envelope.stream))


@projects(e.JoinRequested)
def _requested(connection: Connection, envelope: Envelope) -> None:
    event: e.JoinRequested = envelope.event
    _answered(connection, envelope)  # one that expired may be made again
    connection.execute(
        insert(join_requests).values(
            org_id=envelope.stream,
            account=event.account,
            domain=event.domain,
            asked_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


@projects(e.JoinApproved, e.JoinDeclined)
def _answered(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(join_requests).where(
            join_requests.c.org_id == envelope.stream,
            join_requests.c.account == envelope.event.account,
        )
    )


def is_open(org_id: str, viewer: Actor) -> bool:
    organizations.get(org_id, viewer)
    return bool(every(select(joining).where(joining.c.org_id == org_id)))


def of_organization(org_id: str, viewer: Actor) -> list[Row[Any]]:
    """Who asks and may still be answered, the longest waiting first."""
    organizations.get(org_id, viewer)
    return every(
        select(join_requests)
        .where(join_requests.c.org_id == org_id, join_requests.c.expires_at > clock.now_iso())
        .order_by(join_requests.c.asked_at)
    )


def waits(org_id: str, viewer: Actor) -> bool:
    """Whether the viewer asked the organization and got no answer yet, also when it is late."""
    mine = (join_requests.c.org_id == org_id) & (join_requests.c.account == viewer.id)
    return bool(every(select(join_requests.c.account).where(mine)))


def reachable(domain: str, viewer: Actor) -> list[dict[str, str]]:
    """Open organizations whose proven domain this is and to which the viewer does not belong.

    `asked_at` is "" unless the viewer waits for their answer.
    """
    asked = join_requests.alias()
    rows = every(
        select(domains.c.org_id, asked.c.asked_at)
        .join(joining, joining.c.org_id == domains.c.org_id)
        .outerjoin(
            asked,
            (asked.c.org_id == domains.c.org_id)
            & (asked.c.account == viewer.id)
            & (asked.c.expires_at > clock.now_iso()),
        )
        .where(
            domains.c.domain == domain,
            domains.c.verified_at != "",
            domains.c.grace_until == "",
            domains.c.org_id.not_in(list(viewer.belongs_to)),
        )
    )
    names = organizations.names(row.org_id for row in rows)
    return [
        {"id": row.org_id, "name": names[row.org_id], "asked_at": row.asked_at or ""}
        for row in rows
    ]


@looks_up
def organizations_of(connection: Connection, account: str) -> list[str]:
    """Organizations that somebody belongs to, as a guest too, or asks to join."""
    members = organizations.members
    found = union(
        select(members.c.org_id).where(members.c.account == account),
        select(join_requests.c.org_id).where(join_requests.c.account == account),
    )
    return sorted(connection.execute(found).scalars())


def belongs_to_or_asks(account: str) -> list[str]:
    """The same, by itself."""
    with db.engine.connect() as connection:
        return organizations_of(connection, account)
