"""A recovery's day has passed: the old ways in end, and the person adds a new passkey."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import RecoveryCompleted
from workflows.account.passwords import without_password
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class CompleteRecovery:
    stream: str


def decide(state: State, command: CompleteRecovery, context: Context) -> tuple[object, ...]:
    if state.recovery is None or not state.recovery.due:
        return ()  # cancelled
    if calendar.iso(context.now) < state.recovery.due:
        raise NotNow("its day is not over", code="not_due")
    return (*without_password(state, "recovered"), RecoveryCompleted())
