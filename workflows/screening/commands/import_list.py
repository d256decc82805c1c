"""Record that a screening list was imported, whole."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.screening.events import ListImported
from workflows.screening.state import State


@dataclass(frozen=True, slots=True)
class ImportList:
    stream: str
    source: str
    digest: str
    entries: int


def decide(state: State, command: ImportList, context: Context) -> tuple[object, ...]:
    if command.entries < 1:
        raise Invalid("the list has no entries", remedy="import a complete copy")
    return (ListImported(command.source, command.digest, command.entries),)
