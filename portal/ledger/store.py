"""Loading streams and appending to them: the only code that touches `events`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from portal.ledger import chain, codec
from portal.ledger.codec import Envelope
from portal.ledger.database import insert_once, is_sqlite
from portal.ledger.tables import events, streams, unplaced
from workflows import registry


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
    rows = connection.execute(
        select(events).where(events.c.stream == stream).order_by(events.c.seq)
    ).all()
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


def lock(connection: Connection, read: Mapping[str, Loaded], written: set[str]) -> None:
    """Hold every stream that a decision read where it was read; the written ones for ourselves.

    Head rows are locked in id order, so that two decisions never wait for each other in a ring.
    On SQLite the transaction began IMMEDIATE and nobody else writes.

    Raises:
        LostRace: a stream is longer than it was.
    """
    for stream in sorted(read):
        loaded = read[stream]
        query = select(streams.c.seq).where(streams.c.id == stream)
        if not is_sqlite(connection):
            query = query.with_for_update(read=stream not in written)
        head = connection.execute(query).scalar()
        if (head or 0) != loaded.seq:
            raise LostRace(stream)
        if head is None and stream in written:
            _create_head(connection, stream)


def _create_head(connection: Connection, stream: str) -> None:
    kind = registry.kind_of(stream)
    if not insert_once(
        connection, streams, "id", id=stream, kind=kind, seq=0, digest=chain.GENESIS
    ):
        raise LostRace(stream)


def append(
    connection: Connection, loaded: Loaded, new: tuple[object, ...], *, at: str, actor: str
) -> tuple[Envelope, ...]:
    """Write `new` behind `loaded`, chained; the stream must be locked."""
    kind = registry.kind_of(loaded.stream)
    seq, prev = loaded.seq, loaded.digest
    rows, envelopes = [], []
    for event in new:
        seq += 1
        name, version, data = codec.encode(kind, event)
        row: dict[str, Any] = {
            "stream": loaded.stream, "seq": seq, "kind": kind, "name": name, "version": version,
            "at": at, "actor": actor, "data": data, "prev": prev,
        }  # fmt: skip
        prev = chain.digest(**row)
        rows.append({**row, "digest": prev})
        envelopes.append(Envelope(loaded.stream, kind, seq, at, actor, event))
    connection.execute(insert(events), rows)
    connection.execute(
        insert(unplaced), [{"stream": r["stream"], "seq": r["seq"], "at": at} for r in rows]
    )
    connection.execute(
        update(streams).where(streams.c.id == loaded.stream).values(seq=seq, digest=prev)
    )
    return tuple(envelopes)
