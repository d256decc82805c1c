"""Remove one's own password; or an operator does, for somebody who lost its authenticator."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.passwords import check_not_by_link, check_own, without_password
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class RemovePassword:
    stream: str


def decide(state: State, command: RemovePassword, context: Context) -> tuple[object, ...]:
    if context.actor.is_person:
        check_own(state, context.actor)
    if not state.password:
        raise NotNow("there is no password on this account", code="no_password")
    if not context.actor.is_person:
        return without_password(state, "operator")
    check_not_by_link(context.actor)
    return without_password(state, "asked")
