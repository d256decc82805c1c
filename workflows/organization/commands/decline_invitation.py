"""Decline an invitation to oneself; whose it is, the door establishes."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import InvitationDeclined
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class DeclineInvitation:
    stream: str
    invitation: str


def decide(state: State, command: DeclineInvitation, context: Context) -> tuple[object, ...]:
    if command.invitation not in state.invitations:
        raise NotFound("there is no such invitation", remedy="it was answered or withdrawn")
    return (InvitationDeclined(command.invitation),)
