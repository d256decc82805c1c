"""Appoint staff at the founding of an installation, from its shell.

Later appointments take two people; until that command exists there is no other way than this
one, which is on the record as the operator's.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RoleAppointed
from workflows.account.state import INCOMPATIBLE, STAFF_ROLES, State
from workflows.context import Context
from workflows.errors import Invalid


@dataclass(frozen=True, slots=True)
class Appoint:
    stream: str
    role: str


def decide(state: State, command: Appoint, context: Context) -> tuple[object, ...]:
    if command.role not in STAFF_ROLES:
        raise Invalid(
            f"{command.role!r} is not a staff role", remedy=f"one of {', '.join(STAFF_ROLES)}"
        )
    if command.role in state.roles:
        return ()
    for pair in INCOMPATIBLE:
        if command.role in pair:
            other = pair[0] if pair[1] == command.role else pair[1]
            if other in state.roles:
                raise Invalid(
                    f"one person cannot be {command.role} and {other}",
                    remedy="appoint somebody else",
                )
    return (RoleAppointed(role=command.role, proposed_by=context.actor.id),)
