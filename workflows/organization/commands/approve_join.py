"""Let somebody in who asked; they become a member, and no more than that."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import NotFound, NotNow
from workflows.organization.events import JoinApproved, MemberJoined
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class ApproveJoin:
    stream: str
    account: str


def decide(state: State, command: ApproveJoin, context: Context) -> tuple[object, ...]:
    if command.account not in state.requests:
        raise NotFound("nobody of that name asks to join", remedy="they may have taken it back")
    if state.requests[command.account] <= calendar.iso(context.now):
        raise NotNow("this request has expired", code="request_expired", remedy="invite them")
    if command.account in state.members:
        return (JoinApproved(command.account),)  # invited meanwhile: what they are, they stay
    return (JoinApproved(command.account), MemberJoined(command.account, role="member"))
