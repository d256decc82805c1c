"""Appoint staff at the founding of an installation, from its shell.

Afterwards a role takes two people: `propose_role` and `confirm_role`. What the shell does stands
on record as the operator's.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RoleAppointed
from workflows.account.passwords import without_password
from workflows.account.staff_roles import check_device_bound, check_may_hold
from workflows.account.state import State
from workflows.context import Context


@dataclass(frozen=True, slots=True)
class Appoint:
    stream: str
    role: str


def decide(state: State, command: Appoint, context: Context) -> tuple[object, ...]:
    if command.role in state.roles:
        return ()
    check_may_hold(state, command.role)
    check_device_bound(state, command.role)
    return (
        *without_password(state, "staff_role"),
        RoleAppointed(role=command.role, proposed_by=context.actor.id),
    )
