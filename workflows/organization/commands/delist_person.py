"""The directory no longer lists somebody: they are out at once, whatever they were.

The owner alone stays, because an organization has one; that the directory says they left is on
record, and everybody who looks after the organization is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import (
    InvitationWithdrawn,
    JoinDeclined,
    MemberRemoved,
    OwnerDepartureReported,
)
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class DelistPerson:
    """`account` and `invitation` are "" as far as there is none."""

    stream: str
    account: str
    invitation: str


def decide(state: State, command: DelistPerson, context: Context) -> tuple[object, ...]:
    found: list[object] = []
    if command.invitation in state.invitations:
        found.append(InvitationWithdrawn(command.invitation))
    if command.account in state.requests:
        found.append(JoinDeclined(command.account))
    role = state.members.get(command.account)
    if role == "owner" and state.directory.owner_gone != command.account:
        found.append(OwnerDepartureReported(command.account))
    if role not in (None, "owner"):
        found.append(MemberRemoved(command.account))
    return tuple(found)
