"""The only writer: load, fold, decide, append, project, outbox, in one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import clock
from portal.boards import programs
from portal.extensions import db
from portal.ledger import outbox, projection, store
from portal.ledger.codec import Envelope
from portal.ledger.database import writing
from portal.ledger.store import Loaded, LostRace
from portal.vault import keep
from workflows import calendar, reactions, registry, roles, visibility
from workflows.actors import Actor
from workflows.context import Context
from workflows.errors import Conflict, NotNow, Refused
from workflows.vaulted import Vaulted
from workflows.words import describe

ATTEMPTS = 5
_RETRY_SQLSTATES = {"40001", "40P01"}  # serialization failure, deadlock


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written, in order; empty when the command changed nothing."""

    stream: str
    envelopes: tuple[Envelope, ...]


@dataclass(slots=True)
class _Decision:
    """A command with all that follows from it, decided but not written."""

    actor: Actor
    read: dict[str, Loaded] = field(default_factory=dict)
    new: dict[str, list[object]] = field(default_factory=dict)
    effects: list[reactions.Effect] = field(default_factory=list)


def perform(command: Any, actor: Actor, *, seen: int | None = None) -> Recorded:
    """Decide and record a command.

    Args:
        command: an instance of a command class on the shelves of `workflows/`.
        actor: who does it; permission is checked before the rule.
        seen: how many events of the stream the actor had seen (`timeline.seen`), so that a
            refusal can say what changed meanwhile, as far as they may see it.

    Raises:
        Refused: nothing was written. `Conflict` when the race was lost five times.
    """
    for _ in range(ATTEMPTS):
        try:
            with writing() as connection:
                decision = _decide(connection, command, actor, seen)
                written, job_ids = _write(connection, decision)
            outbox.announce(job_ids)
            return Recorded(command.stream, written)
        except LostRace:
            continue
        except IntegrityError as taken:
            raise Conflict(*_taken(taken)) from None
        except DBAPIError as failed:
            if getattr(failed.orig, "sqlstate", None) not in _RETRY_SQLSTATES:
                raise
    raise Conflict("others are changing the same thing at this moment", remedy="try again")


def rehearse(command: Any, actor: Actor) -> None:
    """Raise what `perform` would refuse now; nothing is written either way."""
    with db.engine.connect() as connection:
        _decide(connection, command, actor, None)


def _decide(connection: Connection, command: Any, actor: Actor, seen: int | None) -> _Decision:
    decision = _Decision(actor)
    if actor.is_person and actor.roles:
        # Their own stream is read with whatever they do as staff, so that nothing is written in
        # the moment in which a role ends, and a seat is taken before its end or not at all.
        held = _load(connection, decision, actor.id).state.roles
        decision.actor = roles.still_held(actor, held)
    now = clock.now()
    waiting: list[Any] = [command]
    while waiting:
        present = waiting.pop(0)
        entry = registry.commands()[type(present)]
        loaded = _load(connection, decision, present.stream)
        try:
            context = _context(connection, decision, entry, present, loaded, now)
            new = entry.decide(loaded.state, present, context)
        except NotNow as refused:
            refused.meanwhile = _meanwhile(loaded, actor, seen)
            raise
        decision.read[present.stream] = store.append_to(loaded, new)
        written = decision.new.setdefault(present.stream, [])
        for event in new:
            written.append(event)
            seq = loaded.seq + len(written)
            for reaction in reactions.react(present.stream, seq, event):
                if isinstance(reaction, reactions.Effect):
                    decision.effects.append(reaction)
                elif isinstance(reaction, reactions.ForEach):
                    store.hold(connection, loaded)
                    found = projection.look_up(connection, reaction.lookup, reaction.about)
                    waiting += [reaction.command(one) for one in found]
                else:
                    waiting.append(reaction)
    return decision


def _context(
    connection: Connection,
    decision: _Decision,
    entry: registry.Command,
    command: Any,
    loaded: Loaded,
    now: Any,
) -> Context:
    state = loaded.state
    org_id = state.org_id or getattr(command, "org_id", None)
    roles.check(entry.kind, state.phase, entry.verb, decision.actor, org_id)
    others = {
        stream: _load(connection, decision, stream).state for stream in entry.reads(state, command)
    }
    version = getattr(state, "program_version", "") or getattr(command, "program_version", "")
    program = programs.pinned(connection, version) if version else None
    return Context(actor=decision.actor, now=now, program=program, others=others)


def _load(connection: Connection, decision: _Decision, stream: str) -> Loaded:
    if stream not in decision.read:
        decision.read[stream] = store.load(connection, stream)
    return decision.read[stream]


def _write(connection: Connection, decision: _Decision) -> tuple[tuple[Envelope, ...], list[str]]:
    new = {stream: tuple(found) for stream, found in decision.new.items() if found}
    if not new:
        return (), []
    at = calendar.iso(clock.now())
    written = store.append(connection, decision.read, new, at=at, actor=decision.actor.id)
    keep.mark(connection, [ref for e in written for ref in _references(e.event)])
    for envelope in written:
        projection.project(connection, envelope)
    job_ids = [outbox.write(connection, effect) for effect in decision.effects]
    return written, [job_id for job_id in job_ids if job_id]


def _references(value: Any) -> Iterator[str]:
    """Ids of the vault items that an event speaks of."""
    if isinstance(value, Vaulted):
        yield value.id
    elif dataclasses.is_dataclass(value):
        for entry in dataclasses.fields(value):
            yield from _references(getattr(value, entry.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _references(item)


def _meanwhile(loaded: Loaded, actor: Actor, seen: int | None) -> tuple[str, ...]:
    if seen is None:
        return ()
    visible = [e for e in loaded.history if visibility.sees(e.event, e.actor, loaded.state, actor)]
    return tuple(
        f"{describe(e.kind, e.event)} ({e.at[:16].replace('T', ' ')} UTC)" for e in visible[seen:]
    )


def _taken(error: IntegrityError) -> tuple[str]:
    # PostgreSQL names the constraint apart from the message, which holds the value that is taken.
    text = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or str(error.orig)
    for table, words in _UNIQUE.items():
        if table in text:
            return (words,)
    raise error


# Unique indexes on boards are how a rule that spans streams is kept; each has its words.
_UNIQUE = {
    "credential_keys": "this key is registered already; make a new one",
    "automations": "this key is registered already; make a new one",
    "services": "a service with this audience is registered already",
    "domains": "another organization has verified this domain",
    "passkeys": "this passkey is registered already",
    "signing_keys": "this key exists already",
}

__all__ = ["ATTEMPTS", "Recorded", "Refused", "perform", "rehearse"]
