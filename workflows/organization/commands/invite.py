"""Invite somebody to join; they become a member only when they accept.

Nobody is made a member without a word of their own: else an applicant could add a reviewer to
the organization, and so take the reviewer off the case.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import Invalid, NotNow
from workflows.organization.events import InvitationPlaced, Invited
from workflows.organization.rooms import check_open
from workflows.organization.state import ROLES, State
from workflows.vaulted import Vaulted

MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class Invite:
    """`expires_at` is ISO 8601 UTC; `room`, unless "", is where the acceptance leads."""

    stream: str
    invitation: str
    address: Vaulted
    role: str
    expires_at: str
    room: str = ""


def reads(state: State, command: Invite) -> tuple[str, ...]:
    return (command.room,) if command.room else ()


def decide(state: State, command: Invite, context: Context) -> tuple[object, ...]:
    if command.role not in ROLES:
        raise Invalid(
            f"{command.role!r} is not a role",
            remedy=f"one of {', '.join(ROLES)}",
            fields={"role": "Choose a role"},
        )
    now = calendar.iso(context.now)
    if sum(i.expires_at > now for i in state.invitations.values()) >= MOST_WAITING:
        raise NotNow(
            f"{MOST_WAITING} invitations are waiting for an answer",
            code="too_many_invitations",
            remedy="withdraw those that nobody will answer",
        )
    invited = Invited(command.invitation, command.address, command.role, command.expires_at)
    if not command.room:
        return (invited,)
    check_open(context.others[command.room], state.id)
    return (invited, InvitationPlaced(command.invitation, command.room))
