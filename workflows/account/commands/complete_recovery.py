"""A recovery's day has passed: the old ways in end, and the person adds a new passkey."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import (
    ErasureTakenBack,
    RecoveryCancelled,
    RecoveryCompleted,
    SignOnUnlinked,
)
from workflows.account.passwords import without_password
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class CompleteRecovery:
    """`elsewhere`: that the person belongs to another organization too, as in `ProposeRecovery`."""

    stream: str
    elsewhere: bool = False


def decide(state: State, command: CompleteRecovery, context: Context) -> tuple[object, ...]:
    if state.recovery is None or not state.recovery.due:
        return ()  # cancelled
    if calendar.iso(context.now) < state.recovery.due:
        raise NotNow("its day is not over", code="not_due")
    if state.recovery.organization and command.elsewhere:
        return (RecoveryCancelled(),)  # they came to belong there since; staff recover them
    return (
        *without_password(state, "recovered"),
        *(SignOnUnlinked(link) for link in sorted(state.sign_ons)),
        *((ErasureTakenBack(),) if state.erasure_due else ()),  # it may be the thief's wish
        RecoveryCompleted(),
    )
