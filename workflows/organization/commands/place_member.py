"""Let a member into a workspace or an engagement; a guest sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import MemberPlaced
from workflows.organization.rooms import check_open
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class PlaceMember:
    """`room` is the id of a workspace or an engagement."""

    stream: str
    account: str
    room: str


def reads(state: State, command: PlaceMember) -> tuple[str, ...]:
    return (command.room,)


def decide(state: State, command: PlaceMember, context: Context) -> tuple[object, ...]:
    check_open(context.others[command.room], state.id)
    if command.account not in state.members:
        raise NotFound("there is no such member", remedy="invite them first")
    if command.room in state.rooms.get(command.account, ()):
        return ()
    return (MemberPlaced(command.account, command.room),)
