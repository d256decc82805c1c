"""Confirm a proposed staff role: the second of the two people that it takes."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import RoleAppointed
from workflows.account.passwords import without_password
from workflows.account.staff_roles import check_device_bound, check_may_hold
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow


@dataclass(frozen=True, slots=True)
class ConfirmRole:
    stream: str
    role: str


def decide(state: State, command: ConfirmRole, context: Context) -> tuple[object, ...]:
    proposal = state.proposals.get(command.role)
    if proposal is None or proposal.expires_at <= calendar.iso(context.now):
        raise NotNow(
            "nobody proposed this, or its time is up", code="not_proposed", remedy="propose it anew"
        )
    if context.actor.id in (proposal.proposed_by, state.id):
        raise NotAllowed(
            "it takes two people, and neither is the one concerned",
            code="second_person",
            remedy="leave it to a colleague",
        )
    check_may_hold(state, command.role)  # what they hold may have changed since
    check_device_bound(state, command.role)
    return (
        *without_password(state, "staff_role"),
        RoleAppointed(role=command.role, proposed_by=proposal.proposed_by),
    )
