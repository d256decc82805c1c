"""End a staff role. One person is enough: taking power away waits for nobody."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RoleEnded
from workflows.account.state import State
from workflows.context import Context


@dataclass(frozen=True, slots=True)
class EndRole:
    stream: str
    role: str


def decide(state: State, command: EndRole, context: Context) -> tuple[object, ...]:
    return (RoleEnded(command.role),) if command.role in state.roles else ()
