"""The ledger's rows. `events` and `positions` are only ever inserted into.

Times are ISO 8601 UTC text with microseconds and Z: they sort as text, read the same on both
databases, and a rebuilt board equals the live one to the letter.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Text

from portal.extensions import db

streams = db.Table(
    "streams",
    Column("id", String(80), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

events = db.Table(
    "events",
    Column("stream", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(24), nullable=False),
    Column("name", String(48), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", String(27), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
Index("ix_events_at", events.c.at)

# Global order, given by one sequencer behind the writers. A row repeats the event's digest, so
# that an event which is taken away later leaves its position behind to tell of it.
positions = db.Table(
    "positions",
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(80), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
Index("uq_positions_stream_seq", positions.c.stream, positions.c.seq, unique=True)

# What the sequencer has not placed yet; written with the event, deleted with its position.
unplaced = db.Table(
    "unplaced",
    Column("stream", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
)

jobs = db.Table(
    "jobs",
    Column("id", String(40), primary_key=True),
    Column("kind", String(48), nullable=False),
    Column("payload", Text, nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("due", String(27), nullable=False),
    Column("lease_until", String(27), nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("done_at", String(27), nullable=False, default=""),
    Column("error", String(400), nullable=False, default=""),
    Column("created_at", String(27), nullable=False),
)
Index("ix_jobs_open", jobs.c.done_at, jobs.c.due)
