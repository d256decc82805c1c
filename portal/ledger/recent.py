"""The newest entries of the whole ledger, by position, for those who audit it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, tuple_

from portal.extensions import db
from portal.ledger import codec
from portal.ledger.tables import events, positions
from workflows import visibility
from workflows.actors import Actor
from workflows.application.state import State
from workflows.emergency.acts import ACTS
from workflows.words import describe


@dataclass(frozen=True, slots=True)
class Entry:
    position: int
    stream: str
    kind: str
    at: str
    actor: str
    what: str
    digest: str


def page(viewer: Actor, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """One page, newest first, keyset-paged by position.

    A review of a case that is still blind is told as "an entry": its position is taken, and an
    auditor who may not know it yet does not learn whose it is.
    """
    query = (
        select(positions.c.position, events)
        .join(events, (events.c.stream == positions.c.stream) & (events.c.seq == positions.c.seq))
        .order_by(positions.c.position.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(positions.c.position < before)
    found = []
    for row in db.session.execute(query):
        event = codec.decode(row.kind, row.name, row.version, row.data)
        # Without the case's state at hand, what is blind in some phase is shown to nobody here.
        hidden = not visibility.sees(event, row.actor, _BLIND.get(row.kind), viewer)
        found.append(
            Entry(
                position=row.position,
                stream=row.stream,
                kind=row.kind,
                at=row.at,
                actor="nobody" if hidden else row.actor,
                what="An entry that is not open yet" if hidden else describe(row.kind, event),
                digest=row.digest,
            )
        )
    return found


def emergency_acts(actor: str, since: str, until: str) -> list[tuple[str, str, str]]:
    """(at, stream, words) of what this actor stopped between two times, oldest first; for whoever
    reviews it, of whatever role, so nothing but what emergency power can do."""
    query = (
        select(events)
        .where(
            events.c.at >= since,
            events.c.at <= until,
            events.c.actor == actor,
            tuple_(events.c.kind, events.c.name).in_(sorted(ACTS)),
        )
        .order_by(events.c.at, events.c.stream, events.c.seq)
    )
    return [
        (row.at, row.stream,
         describe(row.kind, codec.decode(row.kind, row.name, row.version, row.data)))
        for row in db.session.execute(query)
    ]  # fmt: skip


_BLIND = {"application": State(phase="reviewing")}
