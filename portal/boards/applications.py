"""Applications with their files, checks, seats and reviews."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Text,
    delete,
    exists,
    insert,
    select,
    tuple_,
    update,
)  # fmt: skip

from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, looks_up, projects
from workflows.actors import Actor
from workflows.application import events as e
from workflows.application.state import PHASE_OF_STAGE
from workflows.errors import NotFound
from workflows.visibility import READERS, STAFF_ONLY_CHECKS, reads

applications = db.Table(
    "applications",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("program", String(48), nullable=False),
    Column("program_version", String(64), nullable=False),
    Column("tier", String(48), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("phase_since", String(27), nullable=False),
    Column("submitted_by", String(40), nullable=False),
    Column("submitted_at", String(27), nullable=False),
    Column("promised_at", String(27), nullable=False),
    Column("answers_ref", String(40), nullable=False),
    Column("answers_digest", String(64), nullable=False),
    Column("decided_by", String(40), nullable=False, default=""),
    Column("granted", Text, nullable=False, default="[]"),
    Column("reasons", Text, nullable=False, default="[]"),
    Column("letter_ref", String(40), nullable=False, default=""),
    Column("note_ref", String(40), nullable=False, default=""),
    Column("grant_id", String(40), nullable=False, default=""),
)
Index("ix_applications_org", applications.c.org_id)
Index("ix_applications_queue", applications.c.phase, applications.c.promised_at, applications.c.id)
application_files = db.Table(
    "application_files",
    Column("application", String(40), primary_key=True),
    Column("question", String(48), primary_key=True),
    Column("file_ref", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
)
checks = db.Table(
    "checks",
    Column("application", String(40), primary_key=True),
    Column("check", String(48), primary_key=True),
    Column("round", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("score", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("finding_ref", String(40), nullable=False),
    Column("data_digest", String(64), nullable=False),
    Column("data_date", String(27), nullable=False),
    Column("at", String(27), nullable=False),
    Column("cleared_by", String(40), nullable=False, default=""),
    Column("reason_ref", String(40), nullable=False, default=""),
)
seats = db.Table(
    "seats",
    Column("application", String(40), primary_key=True),
    Column("reviewer", String(40), primary_key=True),
    Column("standing", String(12), nullable=False),
    Column("at", String(27), nullable=False),
)
Index("ix_seats_reviewer", seats.c.reviewer)
reviews = db.Table(
    "reviews",
    Column("application", String(40), primary_key=True),
    Column("reviewer", String(40), primary_key=True),
    Column("recommendation", String(12), nullable=False),
    Column("scores", Text, nullable=False),
    Column("reasons_ref", String(40), nullable=False),
    Column("at", String(27), nullable=False),
)
board(applications, application_files, checks, seats, reviews)


@projects(e.Submitted)
def _submitted(connection: Connection, envelope: Envelope) -> None:
    event: e.Submitted = envelope.event
    connection.execute(
        insert(applications).values(
            id=envelope.stream,
            org_id=event.org_id,
            program=event.program,
            program_version=event.program_version,
            tier=event.tier,
            scopes=json.dumps(event.scopes),
            phase="checking",
            phase_since=envelope.at,
            submitted_by=envelope.actor,
            submitted_at=envelope.at,
            promised_at=event.promised_at,
            answers_ref=event.answers.id,
            answers_digest=event.answers.digest,
        )
    )
    for file in event.files:
        connection.execute(
            insert(application_files).values(
                application=envelope.stream,
                question=file.question,
                file_ref=file.file.id,
                digest=file.file.digest,
            )
        )


def _change(connection: Connection, envelope: Envelope, **values: object) -> None:
    connection.execute(
        update(applications).where(applications.c.id == envelope.stream).values(**values)
    )


@projects(e.StageOpened)
def _stage(connection: Connection, envelope: Envelope) -> None:
    phase = PHASE_OF_STAGE[envelope.event.stage]
    _change(connection, envelope, phase=phase, phase_since=envelope.at)


@projects(e.Withdrawn)
def _withdrawn(connection: Connection, envelope: Envelope) -> None:
    _change(connection, envelope, phase="withdrawn", phase_since=envelope.at)


@projects(e.Decided)
def _decided(connection: Connection, envelope: Envelope) -> None:
    event: e.Decided = envelope.event
    _change(
        connection,
        envelope,
        phase=event.outcome,
        phase_since=envelope.at,
        decided_by=envelope.actor,
        granted=json.dumps(event.scopes),
        reasons=json.dumps(event.reasons),
        letter_ref=event.letter.id,
        note_ref=event.note.id if event.note else "",
        grant_id=event.grant_id,
    )


@projects(e.CheckRequested)
def _requested(connection: Connection, envelope: Envelope) -> None:
    event: e.CheckRequested = envelope.event
    connection.execute(
        delete(checks).where(checks.c.application == envelope.stream, checks.c.check == event.check)
    )
    connection.execute(
        insert(checks).values(
            application=envelope.stream, check=event.check, round=event.round, verdict="",
            score=0, summary="", finding_ref="", data_digest="", data_date="", at=envelope.at,
        )
    )  # fmt: skip


def _check(connection: Connection, envelope: Envelope, **values: object) -> None:
    connection.execute(
        update(checks)
        .where(checks.c.application == envelope.stream, checks.c.check == envelope.event.check)
        .values(**values)
    )


@projects(e.CheckRecorded)
def _recorded(connection: Connection, envelope: Envelope) -> None:
    event: e.CheckRecorded = envelope.event
    _check(
        connection,
        envelope,
        verdict=event.verdict,
        score=event.score,
        summary=event.summary,
        finding_ref=event.finding.id,
        data_digest=event.data_digest,
        data_date=event.data_date,
        at=envelope.at,
    )


@projects(e.CheckCleared)
def _cleared(connection: Connection, envelope: Envelope) -> None:
    reason = envelope.event.reason.id
    _check(connection, envelope, cleared_by=envelope.actor, reason_ref=reason)


@projects(e.SeatTaken, e.Recused)
def _seat(connection: Connection, envelope: Envelope) -> None:
    reviewer = envelope.event.reviewer
    standing = "seated" if isinstance(envelope.event, e.SeatTaken) else "recused"
    connection.execute(
        delete(seats).where(seats.c.application == envelope.stream, seats.c.reviewer == reviewer)
    )
    connection.execute(
        insert(seats).values(
            application=envelope.stream, reviewer=reviewer, standing=standing, at=envelope.at
        )
    )


@projects(e.Reviewed)
def _reviewed(connection: Connection, envelope: Envelope) -> None:
    event: e.Reviewed = envelope.event
    connection.execute(
        insert(reviews).values(
            application=envelope.stream,
            reviewer=event.reviewer,
            recommendation=event.recommendation,
            scores=json.dumps(event.scores, sort_keys=True),
            reasons_ref=event.reasons.id,
            at=envelope.at,
        )
    )


@projects(e.SeatVacated)
def _vacated(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(seats).where(
            seats.c.application == envelope.stream,
            seats.c.reviewer == envelope.event.reviewer,
        )
    )


@looks_up
def seats_without_review(connection: Connection, account: str) -> list[str]:
    """Cases in review on which this person sits and has not spoken."""
    spoken = exists().where(
        reviews.c.application == seats.c.application, reviews.c.reviewer == seats.c.reviewer
    )
    found = connection.execute(
        select(seats.c.application)
        .join(applications, applications.c.id == seats.c.application)
        .where(
            seats.c.reviewer == account,
            seats.c.standing == "seated",
            applications.c.phase == "reviewing",
            ~spoken,
        )
        .order_by(seats.c.application)
    )
    return [row.application for row in found]


def get(application_id: str, viewer: Actor) -> Row[Any]:
    """The case; NotFound when it is none of the viewer's."""
    row = one(select(applications).where(applications.c.id == application_id))
    if row is None or not (viewer.applied(row.org_id, row.id) or reads(viewer, row.org_id)):
        raise NotFound("there is no such application")
    return row


def for_robot(application_id: str) -> Row[Any]:
    """The case, for the task that makes its checks; no viewer, no page."""
    return db.session.execute(select(applications).where(applications.c.id == application_id)).one()


def of_organizations(viewer: Actor) -> list[Row[Any]]:
    """The applications of the viewer's own organizations, newest first; a guest's own rooms'."""
    shown = tuple_(applications.c.id, applications.c.org_id).in_(list(viewer.shown.items()))
    return every(
        select(applications)
        .where(applications.c.org_id.in_(list(viewer.memberships)) | shown)
        .order_by(applications.c.submitted_at.desc())
    )


def files_of(application_id: str, viewer: Actor) -> list[Row[Any]]:
    get(application_id, viewer)
    return every(select(application_files).where(application_files.c.application == application_id))


def files_for_robot(application_id: str) -> list[Row[Any]]:
    return every(select(application_files).where(application_files.c.application == application_id))


def checks_of(application_id: str, viewer: Actor) -> list[Row[Any]]:
    """The checks that the viewer may see: an applicant does not see what lists say of names."""
    row = get(application_id, viewer)
    query = select(checks).where(checks.c.application == application_id).order_by(checks.c.check)
    if viewer.applied(row.org_id, row.id):
        query = query.where(checks.c.check.not_in(STAFF_ONLY_CHECKS))
    return every(query)


def seat_of(application_id: str, viewer: Actor) -> str:
    """The viewer's own standing on the case: "seated", "recused", "reviewed" or ""."""
    mine = one(
        select(seats.c.standing, reviews.c.at.label("spoke"))
        .outerjoin(
            reviews,
            (reviews.c.application == seats.c.application)
            & (reviews.c.reviewer == seats.c.reviewer),
        )
        .where(seats.c.application == application_id, seats.c.reviewer == viewer.id)
    )
    if mine is None:
        return ""
    return "reviewed" if mine.spoke else str(mine.standing)


def reviews_of(application_id: str, viewer: Actor) -> list[Row[Any]]:
    """Reviews that the viewer may see: until all have spoken, their own alone."""
    row = get(application_id, viewer)
    if viewer.applied(row.org_id, row.id):
        return []
    query = select(reviews).where(reviews.c.application == application_id)
    if row.phase in ("checking", "reviewing"):
        query = query.where(reviews.c.reviewer == viewer.id)
    return every(query.order_by(reviews.c.at))


QUEUES = ("checking", "reviewing", "deciding", "approved", "denied", "withdrawn")


def queue(
    viewer: Actor, phases: Iterable[str], *, after: tuple[str, str] = ("", ""), limit: int = 50
) -> list[Row[Any]]:
    """One page of cases by promised date, keyset-paged; cases of one's own organization absent.

    Args:
        after: (promised_at, id) of the last row of the page before.
    """
    if not viewer.roles & READERS:
        return []
    promised, last = after
    query = (
        select(applications, seats.c.standing.label("my_standing"), reviews.c.at.label("my_review"))
        .outerjoin(
            seats,
            (seats.c.application == applications.c.id) & (seats.c.reviewer == viewer.id),
        )
        .outerjoin(
            reviews,
            (reviews.c.application == applications.c.id) & (reviews.c.reviewer == viewer.id),
        )
        .where(
            applications.c.phase.in_(list(phases)),
            applications.c.org_id.not_in(list(viewer.belongs_to)),
        )
        .order_by(applications.c.promised_at, applications.c.id)
        .limit(limit)
    )
    if last:
        later = (applications.c.promised_at > promised) | (
            (applications.c.promised_at == promised) & (applications.c.id > last)
        )
        query = query.where(later)
    return every(query)


@looks_up
def applications_under_way(connection: Connection, org_id: str) -> list[str]:
    """Applications of an organization that are not decided."""
    waiting = ("checking", "reviewing", "deciding")
    found = connection.execute(
        select(applications.c.id)
        .where(applications.c.org_id == org_id, applications.c.phase.in_(waiting))
        .order_by(applications.c.id)
    )
    return [row.id for row in found]
