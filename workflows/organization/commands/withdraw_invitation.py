"""Withdraw an invitation that nobody answered yet."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import InvitationWithdrawn
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class WithdrawInvitation:
    stream: str
    invitation: str


def decide(state: State, command: WithdrawInvitation, context: Context) -> tuple[object, ...]:
    if command.invitation not in state.invitations:
        raise NotFound("there is no such invitation", remedy="it was answered or withdrawn")
    return (InvitationWithdrawn(command.invitation),)
