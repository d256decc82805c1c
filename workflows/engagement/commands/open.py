"""Set out work that somebody authorized: targets, days, and the room that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.engagement.dates import check_days
from workflows.engagement.events import Opened
from workflows.engagement.state import State
from workflows.errors import NotFound
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Open:
    """Days are ISO 8601 dates; `workspace` is "" for none."""

    stream: str
    org_id: str
    workspace: str
    title: Vaulted
    targets: Vaulted
    starts_on: str
    ends_on: str


def reads(state: State, command: Open) -> tuple[str, ...]:
    return (command.workspace,) if command.workspace else ()


def decide(state: State, command: Open, context: Context) -> tuple[object, ...]:
    if command.workspace:
        room = context.others[command.workspace]
        if (room.org_id, room.phase) != (command.org_id, "open"):
            raise NotFound("there is no such workspace")
    check_days(command.starts_on, command.ends_on, context.now)
    return (
        Opened(
            org_id=command.org_id,
            workspace=command.workspace,
            title=command.title,
            targets=command.targets,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
        ),
    )
