"""Stop a recovery: the person themselves, whoever looks after them, or program staff."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RecoveryCancelled
from workflows.account.recovery import KEEPERS, looks_after
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow


@dataclass(frozen=True, slots=True)
class CancelRecovery:
    stream: str


def reads(state: State, command: CancelRecovery) -> tuple[str, ...]:
    by = state.recovery.organization if state.recovery else ""
    return (by,) if by else ()


def decide(state: State, command: CancelRecovery, context: Context) -> tuple[object, ...]:
    if state.recovery is None:
        raise NotNow("no recovery is under way", remedy="nothing is left to do")
    actor, by = context.actor, state.recovery.organization
    mine = actor.id == state.id or bool(actor.roles & KEEPERS)
    if not mine and not (by and looks_after(state, context.others[by], actor.id)):
        raise NotAllowed("your role does not allow this")
    return (RecoveryCancelled(),)
