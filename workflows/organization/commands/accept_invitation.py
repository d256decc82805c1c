"""Accept an invitation to oneself, and so become a member.

That the invitation went to an address of the person is established at the door, which knows
addresses; here it is known by its id alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import Conflict, NotFound, NotNow
from workflows.organization.events import InvitationAccepted, MemberJoined, MemberPlaced
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    stream: str
    invitation: str


def decide(state: State, command: AcceptInvitation, context: Context) -> tuple[object, ...]:
    invitation = state.invitations.get(command.invitation)
    if invitation is None:
        raise NotFound("there is no such invitation", remedy="it was answered or withdrawn")
    if invitation.expires_at <= calendar.iso(context.now):
        raise NotNow(
            "this invitation has expired",
            code="invitation_expired",
            remedy="ask whoever invited you to send it again",
        )
    if context.actor.id in state.members:
        raise Conflict("you are a member already", remedy="nothing is left to do")
    joined = (
        InvitationAccepted(command.invitation),
        MemberJoined(account=context.actor.id, role=invitation.role),
    )
    return (*joined, MemberPlaced(context.actor.id, invitation.room)) if invitation.room else joined
