"""Loading streams and appending to them: the only code that touches `events`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Insert, Select, bindparam, insert, select, update

from portal.ledger import chain, codec
from portal.ledger.codec import Envelope
from portal.ledger.database import insert_once, is_sqlite
from portal.ledger.tables import events, streams, unplaced
from workflows import registry

# Built once: building a statement costs more than sending it.
_HISTORY = select(events).where(events.c.stream == bindparam("stream_is")).order_by(events.c.seq)
_HEAD = select(streams.c.seq).where(streams.c.id == bindparam("stream_is"))
_HEAD_SHARED = _HEAD.with_for_update(read=True)
_HEAD_TAKEN = _HEAD.with_for_update()
_MOVE_HEAD = (
    update(streams)
    .where(streams.c.id == bindparam("stream_is"), streams.c.seq == bindparam("seen"))
    .values(seq=bindparam("seq"), digest=bindparam("digest"))
)
_INSERT_EVENT = insert(events)
_INSERT_UNPLACED = insert(unplaced)


class LostRace(Exception):
    """A stream moved between reading and writing; decide again."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stream as read: its state, its length, the digest of its last event ("0"*64 if none)."""

    stream: str
    state: Any
    seq: int
    digest: str
    history: tuple[Envelope, ...]


def load(connection: Connection, stream: str) -> Loaded:
    """Read and fold a stream; an unknown id folds to the state "absent"."""
    kind = registry.kind_of(stream)
    rows = connection.execute(_HISTORY, {"stream_is": stream}).all()
    history = tuple(
        Envelope(
            stream, kind, row.seq, row.at, row.actor,
            codec.decode(kind, row.name, row.version, row.data),
        )
        for row in rows
    )  # fmt: skip
    state = registry.fold(stream, tuple(e.event for e in history))
    last = rows[-1] if rows else None
    return Loaded(
        stream, state, last.seq if last else 0, last.digest if last else chain.GENESIS, history
    )


def append_to(loaded: Loaded, new: Iterable[object]) -> Loaded:
    """`loaded` as it would be after `new`, in memory only."""
    evolve = registry.aggregates()[registry.kind_of(loaded.stream)].evolve
    state = loaded.state
    for event in new:
        state = evolve(state, event)
    return replace(loaded, state=state)


def append(
    connection: Connection,
    read: Mapping[str, Loaded],
    new: Mapping[str, tuple[object, ...]],
    *,
    at: str,
    actor: str,
) -> tuple[Envelope, ...]:
    """Write new events, chained, provided that no stream moved since it was read.

    Every head that the decision read is held until the commit: moved on where there are new
    events, else locked against writers. In id order, so that two decisions never wait for each
    other in a ring. On SQLite the transaction began IMMEDIATE and nobody else writes.

    Args:
        read: every stream that the decision rests on, as it was read.
        new: what was decided, by stream; each is in `read`.

    Raises:
        LostRace: a stream is longer than it was; nothing of this may be committed.
    """
    rows: list[dict[str, Any]] = []
    envelopes: list[Envelope] = []
    ends: dict[str, tuple[int, str]] = {}
    for stream, found in new.items():
        kind, seq, prev = registry.kind_of(stream), read[stream].seq, read[stream].digest
        for event in found:
            seq += 1
            name, version, data = codec.encode(kind, event)
            row: dict[str, Any] = {
                "stream": stream, "seq": seq, "kind": kind, "name": name, "version": version,
                "at": at, "actor": actor, "data": data, "prev": prev,
            }  # fmt: skip
            prev = chain.digest(**row)
            rows.append({**row, "digest": prev})
            envelopes.append(Envelope(stream, kind, seq, at, actor, event))
        ends[stream] = seq, prev
    for stream in sorted(read):
        if stream in ends:
            _move_head(connection, stream, read[stream].seq, *ends[stream])
        else:
            _hold_head(connection, _HEAD_SHARED, stream, read[stream].seq)
    _insert(connection, _INSERT_EVENT, rows)
    _insert(
        connection,
        _INSERT_UNPLACED,
        [{"stream": row["stream"], "seq": row["seq"], "at": at} for row in rows],
    )
    return tuple(envelopes)


def hold(connection: Connection, loaded: Loaded) -> None:
    """Keep others from writing to a stream, and from relying on it, until this transaction ends.

    Raises:
        LostRace: it is longer than it was.
    """
    _hold_head(connection, _HEAD_TAKEN, loaded.stream, loaded.seq)


def _move_head(connection: Connection, stream: str, seen: int, seq: int, digest: str) -> None:
    if seen:
        end = {"stream_is": stream, "seen": seen, "seq": seq, "digest": digest}
        moved = connection.execute(_MOVE_HEAD, end).rowcount == 1
    else:
        kind = registry.kind_of(stream)
        moved = insert_once(connection, streams, "id", id=stream, kind=kind, seq=seq, digest=digest)
    if not moved:
        raise LostRace(stream)


def _hold_head(connection: Connection, held: Select[Any], stream: str, seen: int) -> None:
    query = _HEAD if is_sqlite(connection) else held  # SQLite holds everything already
    if (connection.execute(query, {"stream_is": stream}).scalar() or 0) != seen:
        raise LostRace(stream)


def _insert(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> None:
    # A list of one would take the drivers' slower way for many.
    connection.execute(statement, rows if len(rows) > 1 else rows[0])
