"""Close a room for good; what was in it stays with the organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.workspace.events import Closed
from workflows.workspace.state import State


@dataclass(frozen=True, slots=True)
class Close:
    stream: str


def decide(state: State, command: Close, context: Context) -> tuple[object, ...]:
    return (Closed(),)
