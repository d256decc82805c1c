"""The ledger as a file: JSON lines, each an entry as it is stored; and reading one back.

A file is verified without a data folder: the chain of each stream, and the signatures. Heads and
positions stay behind, so that a stream's cut-off tail is not seen in a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from portal.extensions import db
from portal.ledger import verify
from portal.ledger.codec import canonical
from portal.ledger.tables import events


@dataclass(frozen=True, slots=True)
class Line:
    """A row of `events`; `data` is the event's canonical JSON, as text."""

    stream: str
    seq: int
    kind: str
    name: str
    version: int
    at: str
    actor: str
    data: str
    prev: str
    digest: str


_LINE = TypeAdapter(Line)


class NotAnExport(Exception):
    """The file is not what `portal ledger export` writes; the message says where and why."""


def lines() -> Iterator[str]:
    """Every entry, stream by stream, each in order."""
    query = select(events).order_by(events.c.stream, events.c.seq)
    with db.engine.connect() as connection:
        for row in connection.execute(query.execution_options(yield_per=1000)):
            yield canonical(asdict(Line(**{f.name: getattr(row, f.name) for f in fields(Line)})))


def read(path: Path) -> list[Line]:
    """The entries of an export.

    Raises:
        NotAnExport: a line is no entry.
    """
    found = []
    with path.open(encoding="utf-8", errors="replace") as file:  # what is no text is no entry
        for number, line in enumerate(file, 1):
            try:
                found.append(_LINE.validate_python(json.loads(line), strict=False, extra="forbid"))
            except (ValueError, ValidationError):
                raise NotAnExport(f"line {number} is not an entry of a ledger") from None
    return found


def verify_chain(found: Iterable[Line]) -> verify.Verdict:
    """Every digest and link; there are no heads and positions in a file."""
    entries = list(found)
    checked, streams, bad = verify.chain_of(entries)
    return verify.Verdict(checked, streams, 0, 0, bad or _twice(entries))


def _twice(entries: list[Line]) -> str:
    """A stream that ended and begins again would each time be checked from its own beginning."""
    last, ended = "", set()
    for entry in entries:
        if entry.stream != last:
            ended.add(last)
            last = entry.stream
            if last in ended:
                return f"{entry.stream} entry {entry.seq}: the stream is there twice (inserted)"
    return ""
