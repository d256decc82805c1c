"""Take a member out of a workspace or an engagement; they stay in the organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import MemberUnplaced
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class UnplaceMember:
    stream: str
    account: str
    room: str


def decide(state: State, command: UnplaceMember, context: Context) -> tuple[object, ...]:
    if command.room not in state.rooms.get(command.account, ()):
        raise NotFound("this person is not in there")
    return (MemberUnplaced(command.account, command.room),)
