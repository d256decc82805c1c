"""Effects still to happen, as job rows written in the transaction that causes them.

Celery carries only a job's id and is a bell. Whoever works a job takes its lease first; a lease
that ran out (its worker was killed) lets the next one take it. A job that fails backs off and
comes again, it is never dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select, update

from portal import clock, ids
from portal.extensions import db
from portal.ledger.database import insert_once, writing
from portal.ledger.tables import jobs
from workflows.reactions import Effect

LEASE_SECONDS = 60
BACKOFF_MOST_SECONDS = 300

# The roof hangs the broker's bell here; without one, the sweeper finds the work by itself.
ring: list[Callable[[str], None]] = []


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    kind: str
    payload: dict[str, str]
    attempts: int


def write(connection: Connection, effect: Effect) -> str | None:
    """Add the effect's job row; None when the same work stands there already."""
    now = clock.now_iso()
    job_id = ids.new("job")
    fresh = insert_once(
        connection,
        jobs,
        "key",
        id=job_id,
        kind=effect.kind,
        payload=json.dumps(effect.payload, sort_keys=True),
        key=effect.key,
        due=effect.due or now,
        lease_until="",
        attempts=0,
        done_at="",
        error="",
        created_at=now,
    )
    return job_id if fresh else None


def enqueue(effect: Effect) -> None:
    """Write one effect in a transaction of its own, for work that no event causes."""
    with writing() as connection:
        job_id = write(connection, effect)
    if job_id:
        announce([job_id])


def announce(job_ids: list[str]) -> None:
    """Ring for jobs that are committed; a bell that fails is heard by the sweeper instead."""
    for job_id in job_ids:
        for bell in ring:
            bell(job_id)


def _open(now: str) -> ColumnElement[bool]:
    return and_(jobs.c.done_at == "", jobs.c.due <= now, jobs.c.lease_until <= now)


def due(limit: int = 20) -> list[str]:
    """Ids of jobs that are due and that nobody holds."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(jobs.c.id).where(_open(clock.now_iso())).order_by(jobs.c.due).limit(limit)
        )
        return [row.id for row in rows]


def take(job_id: str) -> Job | None:
    """Lease a due job, or None when it is done, not due, or held by another worker."""
    now = clock.now_iso()
    with writing() as connection:
        taken = connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, _open(now))
            .values(lease_until=clock.iso_in(seconds=LEASE_SECONDS), attempts=jobs.c.attempts + 1)
        )
        if not taken.rowcount:
            return None
        row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one()
    return Job(row.id, row.kind, json.loads(row.payload), row.attempts)


def finish(job: Job) -> None:
    with writing() as connection:
        connection.execute(
            update(jobs).where(jobs.c.id == job.id).values(done_at=clock.now_iso(), error="")
        )


def postpone(job: Job, error: str) -> None:
    """Give the job back, to come again after a wait that doubles up to five minutes."""
    wait = min(BACKOFF_MOST_SECONDS, 2 ** min(job.attempts, 10))
    with writing() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job.id)
            .values(lease_until="", due=clock.iso_in(seconds=wait), error=error[:400])
        )


def running(keys: list[str]) -> set[str]:
    """Which of these effects' jobs are not done yet."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(jobs.c.key).where(jobs.c.key.in_(keys), jobs.c.done_at == "")
        )
        return {row.key for row in rows}
