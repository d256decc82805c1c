"""Give back the keys of a person whose membership is no longer suspended.

It follows from the word that was given for them, in the same transaction. A key for which nobody
spoke, and every key of a suspended grant, stays suspended nevertheless.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.grant.events import CredentialResumed
from workflows.grant.state import HOLDER_SUSPENDED, State


@dataclass(frozen=True, slots=True)
class ResumeHolder:
    stream: str
    account: str


def reads(state: State, command: ResumeHolder) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: ResumeHolder, context: Context) -> tuple[object, ...]:
    organization = context.others[state.org_id]
    if command.account in organization.attested.suspended:
        raise NotNow("this person's membership is suspended", remedy="speak for them first")
    return tuple(
        CredentialResumed(key, HOLDER_SUSPENDED)
        for key in state.live_of(command.account)
        if state.is_held(key, HOLDER_SUSPENDED)
    )
