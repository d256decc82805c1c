"""Send an invitation again, with a new end; also one whose time is up."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import InvitationResent
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """`expires_at` is ISO 8601 UTC."""

    stream: str
    invitation: str
    expires_at: str


def decide(state: State, command: ResendInvitation, context: Context) -> tuple[object, ...]:
    if command.invitation not in state.invitations:
        raise NotFound("there is no such invitation", remedy="it was answered or withdrawn")
    return (InvitationResent(command.invitation, command.expires_at),)
