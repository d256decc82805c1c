"""Forget a person: their vault key is destroyed, and nothing leads to them or signs them in.

An operator does it on a word that reached them otherwise; the clock does it when the person had
asked for it and a week has passed, and stops where something has come to stand against it. Then
memberships end in the same transaction; after an operator's word the clock's robot ends them.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.erasure import OWN_WISH, obstacle
from workflows.account.events import Erased, ErasureStopped
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class Erase:
    """`organizations` are those that the person belongs to, for the clock, whose reason is always
    the person's own wish."""

    stream: str
    reason: str = OWN_WISH
    organizations: tuple[str, ...] = ()


def reads(state: State, command: Erase) -> tuple[str, ...]:
    return command.organizations


def decide(state: State, command: Erase, context: Context) -> tuple[object, ...]:
    if context.actor.id.startswith("operator:"):
        return (Erased(reason=command.reason),)
    if not state.erasure_due:
        return ()  # taken back
    if calendar.iso(context.now) < state.erasure_due:
        raise NotNow("its week is not over", code="not_due")
    against = obstacle(state, command.organizations, context)
    return (ErasureStopped(against),) if against else (Erased(reason=OWN_WISH),)
