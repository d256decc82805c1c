"""Take an application out of the room again."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.workspace.events import ApplicationTakenOut
from workflows.workspace.state import State


@dataclass(frozen=True, slots=True)
class TakeOutApplication:
    stream: str
    application: str


def decide(state: State, command: TakeOutApplication, context: Context) -> tuple[object, ...]:
    if command.application not in state.applications:
        raise NotFound("this application is not in the workspace")
    return (ApplicationTakenOut(command.application),)
