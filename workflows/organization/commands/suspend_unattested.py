"""Suspend the members for whom nobody spoke until due and grace had passed; never the owner.

A clock takes nothing away for good: one word of an owner or admin gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import has_lapsed
from workflows.context import Context
from workflows.organization.events import MemberSuspended
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class SuspendUnattested:
    stream: str


def decide(state: State, command: SuspendUnattested, context: Context) -> tuple[object, ...]:
    present = state.attested
    return tuple(
        MemberSuspended(account, present.due[account])
        for account, role in state.members.items()
        if role != "owner"
        and account not in present.suspended
        and has_lapsed(present.due.get(account, ""), context.now)
    )
