"""Propose a staff role for somebody else; a second person confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.account.events import RoleProposed
from workflows.account.staff_roles import check_may_hold
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import Conflict, NotAllowed

WAITS_DAYS = 14


@dataclass(frozen=True, slots=True)
class ProposeRole:
    stream: str
    role: str


def decide(state: State, command: ProposeRole, context: Context) -> tuple[object, ...]:
    if context.actor.id == state.id:
        raise NotAllowed(
            "nobody proposes themselves", code="own_role", remedy="ask a colleague to propose you"
        )
    check_may_hold(state, command.role)
    if command.role in state.roles:
        raise Conflict("this person holds the role already", remedy="nothing is left to do")
    now = calendar.iso(context.now)
    waiting = state.proposals.get(command.role)
    if waiting is not None and waiting.expires_at > now:
        raise Conflict(
            "this is proposed already", remedy="it waits for somebody else to confirm it"
        )
    end = calendar.iso(context.now + timedelta(days=WAITS_DAYS))
    return (RoleProposed(command.role, proposed_by=context.actor.id, expires_at=end),)
