"""Suspend the keys that stand in the name of a person whose membership is suspended.

It follows from the suspension, in the same transaction. The rule looks at the organization
itself, so that nobody can use it against a member.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.grant.events import CredentialSuspended
from workflows.grant.state import HOLDER_SUSPENDED, State


@dataclass(frozen=True, slots=True)
class SuspendHolder:
    stream: str
    account: str


def reads(state: State, command: SuspendHolder) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: SuspendHolder, context: Context) -> tuple[object, ...]:
    if command.account not in context.others[state.org_id].attested.suspended:
        raise NotNow("this person's membership is not suspended")
    return tuple(
        CredentialSuspended(key, HOLDER_SUSPENDED)
        for key in state.live_of(command.account)
        if not state.is_held(key, HOLDER_SUSPENDED)
    )
