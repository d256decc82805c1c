"""Say what a group of the directory gives: a role, a workspace or engagement, both or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotNow
from workflows.organization.directory import ROLES, Meaning
from workflows.organization.events import DirectoryGroupMapped
from workflows.organization.rooms import check_open
from workflows.organization.state import State

MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class MapDirectoryGroup:
    """`role` and `room` are "" for none."""

    stream: str
    group: str
    role: str
    room: str


def reads(state: State, command: MapDirectoryGroup) -> tuple[str, ...]:
    return (command.room,) if command.room else ()


def decide(state: State, command: MapDirectoryGroup, context: Context) -> tuple[object, ...]:
    if command.role and command.role not in ROLES:
        raise Invalid(
            f"a directory makes nobody {command.role!r}",
            remedy=f"one of {', '.join(ROLES)}, or none; admins are made by people",
            fields={"role": "Choose a role"},
        )
    if command.room:
        check_open(context.others[command.room], state.id)
    meanings, wanted = state.directory.groups, Meaning(command.role, command.room)
    if meanings.get(command.group, Meaning()) == wanted:
        return ()
    if len(meanings) >= MOST_GROUPS and command.group not in meanings:
        raise NotNow(
            f"{MOST_GROUPS} groups mean something here already",
            code="too_many_groups",
            remedy="take the meaning from one that is no longer used",
        )
    return (DirectoryGroupMapped(command.group, command.role, command.room),)
