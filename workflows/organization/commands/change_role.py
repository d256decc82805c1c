"""Change what a member is; ownership is transferred instead."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotFound
from workflows.organization.events import RoleChanged
from workflows.organization.state import ROLES, State


@dataclass(frozen=True, slots=True)
class ChangeRole:
    stream: str
    account: str
    role: str


def decide(state: State, command: ChangeRole, context: Context) -> tuple[object, ...]:
    present = state.members.get(command.account)
    if present is None:
        raise NotFound("there is no such member")
    if command.role not in ROLES:
        raise Invalid(
            f"{command.role!r} is not a role",
            remedy=f"one of {', '.join(ROLES)}",
            fields={"role": "Choose a role"},
        )
    if present == "owner":
        raise Invalid("the owner's role does not change", remedy="transfer ownership instead")
    if command.role == "guest" and state.offered_to == command.account:
        raise Invalid("the ownership is offered to this member", remedy="withdraw the offer first")
    return () if present == command.role else (RoleChanged(command.account, command.role),)
