"""Use a recovery code up, in the place of a code from the app. The password was right."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RecoveryCodeUsed
from workflows.account.passwords import check_own
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class UseRecoveryCode:
    stream: str
    code: str


def decide(state: State, command: UseRecoveryCode, context: Context) -> tuple[object, ...]:
    check_own(state, context.actor)
    if command.code not in state.recovery_codes:
        raise NotNow("this recovery code is not good any more", code="code_spent")
    return (RecoveryCodeUsed(command.code),)
