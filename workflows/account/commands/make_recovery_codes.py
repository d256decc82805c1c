"""Make new recovery codes; the earlier ones are void."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RecoveryCodesMade
from workflows.account.passwords import check_codes, check_not_by_link, check_own
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class MakeRecoveryCodes:
    stream: str
    codes: tuple[str, ...]


def decide(state: State, command: MakeRecoveryCodes, context: Context) -> tuple[object, ...]:
    check_own(state, context.actor)
    if not state.password:
        raise NotNow("there is no password on this account", code="no_password")
    check_not_by_link(context.actor)
    check_codes(command.codes)
    return (RecoveryCodesMade(command.codes),)
