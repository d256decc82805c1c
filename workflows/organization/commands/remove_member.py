"""Remove a member; the owner stays until ownership has been transferred."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotFound
from workflows.organization.events import MemberRemoved
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RemoveMember:
    stream: str
    account: str


def decide(state: State, command: RemoveMember, context: Context) -> tuple[object, ...]:
    if command.account not in state.members:
        raise NotFound("there is no such member")
    if state.members[command.account] == "owner":
        raise Invalid("the owner cannot be removed", remedy="transfer ownership first")
    return (MemberRemoved(account=command.account),)
