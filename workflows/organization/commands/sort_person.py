"""Give a member of the directory what their groups give, and take what they no longer give.

Owners and admins keep their role: people made them so.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.directory import role_of, rooms_of
from workflows.organization.events import MemberPlaced, MemberUnplaced, RoleChanged
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class SortPerson:
    """`groups` are all that the person is in."""

    stream: str
    account: str
    groups: tuple[str, ...]


def reads(state: State, command: SortPerson) -> tuple[str, ...]:
    return tuple(sorted(rooms_of(state.directory, frozenset(command.groups))))


def decide(state: State, command: SortPerson, context: Context) -> tuple[object, ...]:
    present = state.members.get(command.account)
    if present is None:
        return ()
    groups = frozenset(command.groups)
    sorted_: list[object] = []
    role = role_of(state.directory, groups)
    held = present in ("owner", "admin") or state.offered_to == command.account
    if role and role != present and not held:
        sorted_.append(RoleChanged(command.account, role))
    managed = {meaning.room for meaning in state.directory.groups.values()}
    inside = state.rooms.get(command.account, frozenset())
    wanted = {
        room for room in rooms_of(state.directory, groups) if context.others[room].phase == "open"
    }
    sorted_ += [MemberPlaced(command.account, room) for room in sorted(wanted - inside)]
    sorted_ += [
        MemberUnplaced(command.account, room) for room in sorted((inside & managed) - wanted)
    ]
    return tuple(sorted_)
