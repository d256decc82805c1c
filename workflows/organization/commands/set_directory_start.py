"""Say what the directory's people are when no group says more: members, or guests."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.organization.events import DirectoryStartSet
from workflows.organization.state import State

STARTS = ("member", "guest")


@dataclass(frozen=True, slots=True)
class SetDirectoryStart:
    stream: str
    role: str


def decide(state: State, command: SetDirectoryStart, context: Context) -> tuple[object, ...]:
    if command.role not in STARTS:
        raise Invalid(
            f"nobody starts as {command.role!r}",
            remedy=f"one of {', '.join(STARTS)}",
            fields={"role": "Choose member or guest"},
        )
    if command.role == state.directory.starts_as:
        return ()
    return (DirectoryStartSet(command.role),)
