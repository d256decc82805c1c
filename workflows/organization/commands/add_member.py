"""Add a member to an organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Conflict, Invalid
from workflows.organization.events import MemberJoined
from workflows.organization.state import State

ROLES = ("admin", "member")


@dataclass(frozen=True, slots=True)
class AddMember:
    stream: str
    account: str
    role: str


def decide(state: State, command: AddMember, context: Context) -> tuple[object, ...]:
    if command.role not in ROLES:
        raise Invalid(f"{command.role!r} is not a role", remedy=f"one of {', '.join(ROLES)}")
    if command.account in state.members:
        raise Conflict("this person is a member already", remedy="nothing is left to do")
    return (MemberJoined(account=command.account, role=command.role),)
