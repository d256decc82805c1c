"""Show an application to whoever is in the room.

A draft has no history yet: the door establishes that it is the organization's own, and every
board compares the organizations once more before it shows anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.workspace.events import ApplicationPlaced
from workflows.workspace.state import State


@dataclass(frozen=True, slots=True)
class PlaceApplication:
    stream: str
    application: str


def reads(state: State, command: PlaceApplication) -> tuple[str, ...]:
    return (command.application,)


def decide(state: State, command: PlaceApplication, context: Context) -> tuple[object, ...]:
    application = context.others[command.application]
    if application.phase != "absent" and application.org_id != state.org_id:
        raise NotFound("there is no such application")
    if command.application in state.applications:
        return ()
    return (ApplicationPlaced(command.application),)
