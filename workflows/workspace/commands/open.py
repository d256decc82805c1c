"""Make a room in an organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.vaulted import Vaulted
from workflows.workspace.events import Opened
from workflows.workspace.state import State


@dataclass(frozen=True, slots=True)
class Open:
    stream: str
    org_id: str
    name: Vaulted


def decide(state: State, command: Open, context: Context) -> tuple[object, ...]:
    return (Opened(command.org_id, command.name),)
