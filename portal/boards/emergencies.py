"""Emergency power that was asked for, is in use, or was used. Words lie in the vault."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, String, insert, select, update

from portal import clock
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.emergency import events as e
from workflows.errors import NotFound

emergencies = db.Table(
    "emergencies",
    Column("id", String(40), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("hours", Integer, nullable=False),
    Column("reason_ref", String(40), nullable=False),
    Column("phase", String(12), nullable=False),
    Column("asked_at", String(27), nullable=False),
    Column("waits_until", String(27), nullable=False),
    Column("began_at", String(27), nullable=False, default=""),
    Column("until", String(27), nullable=False, default=""),
    Column("confirmed_by", String(40), nullable=False, default=""),
    Column("because", String(24), nullable=False, default=""),
    Column("ended_at", String(27), nullable=False, default=""),
    Column("ended_by", String(80), nullable=False, default=""),
    Column("review_by", String(27), nullable=False, default=""),
    Column("verdict", String(16), nullable=False, default=""),
    Column("finding_ref", String(40), nullable=False, default=""),
    Column("reviewed_by", String(40), nullable=False, default=""),
)
Index("ix_emergencies_phase", emergencies.c.phase, emergencies.c.asked_at)
board(emergencies)


@projects(e.BreakGlassAsked)
def _asked(connection: Connection, envelope: Envelope) -> None:
    event: e.BreakGlassAsked = envelope.event
    connection.execute(
        insert(emergencies).values(
            id=envelope.stream,
            person=event.person,
            hours=event.hours,
            reason_ref=event.reason.id,
            phase="waiting",
            asked_at=envelope.at,
            waits_until=event.waits_until,
        )
    )


def _change(connection: Connection, envelope: Envelope, **values: object) -> None:
    connection.execute(
        update(emergencies).where(emergencies.c.id == envelope.stream).values(**values)
    )


@projects(e.BreakGlassBegan)
def _began(connection: Connection, envelope: Envelope) -> None:
    event: e.BreakGlassBegan = envelope.event
    _change(connection, envelope, phase="active", began_at=envelope.at, until=event.until,
            confirmed_by=event.confirmed_by, because=event.because)  # fmt: skip


@projects(e.BreakGlassDropped)
def _dropped(connection: Connection, envelope: Envelope) -> None:
    _change(connection, envelope, phase="dropped", ended_at=envelope.at, ended_by=envelope.actor)


@projects(e.BreakGlassEnded)
def _ended(connection: Connection, envelope: Envelope) -> None:
    _change(connection, envelope, phase="over", ended_at=envelope.at, ended_by=envelope.actor,
            review_by=envelope.event.review_by)  # fmt: skip


@projects(e.BreakGlassReviewed)
def _reviewed(connection: Connection, envelope: Envelope) -> None:
    event: e.BreakGlassReviewed = envelope.event
    _change(connection, envelope, phase="reviewed", reviewed_by=envelope.actor,
            verdict=event.verdict, finding_ref=event.finding.id)  # fmt: skip


def _lasting() -> Any:
    return (emergencies.c.phase == "active") & (emergencies.c.until > clock.now_iso())


def lasts_for(account: str) -> bool:
    """Whether this person has emergency power at this moment."""
    query = select(emergencies.c.id).where(_lasting(), emergencies.c.person == account)
    return bool(every(query))


def lasting() -> list[Row[Any]]:
    """What is in use at this moment, for the banner."""
    return every(select(emergencies).where(_lasting()).order_by(emergencies.c.began_at))


def waiting() -> list[Row[Any]]:
    """What still waits for a second person; what nobody confirmed in time waits no more."""
    asked = (emergencies.c.phase == "waiting") & (emergencies.c.waits_until > clock.now_iso())
    return every(select(emergencies).where(asked).order_by(emergencies.c.asked_at))


def unreviewed() -> list[Row[Any]]:
    return every(
        select(emergencies).where(emergencies.c.phase == "over").order_by(emergencies.c.ended_at)
    )


def latest(limit: int = 50) -> list[Row[Any]]:
    """Newest first, of every phase."""
    return every(select(emergencies).order_by(emergencies.c.asked_at.desc()).limit(limit))


def get(emergency: str) -> Row[Any]:
    row = one(select(emergencies).where(emergencies.c.id == emergency))
    if row is None:
        raise NotFound("there is no such use of emergency power")
    return row
