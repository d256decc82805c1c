"""Ask to be forgotten; it happens a week later, and can be taken back until then."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.erasure import WAIT, check_nothing_against
from workflows.account.events import ErasureAsked
from workflows.account.passwords import check_not_by_link
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import Conflict, NotAllowed, StrengthNeeded


@dataclass(frozen=True, slots=True)
class AskErasure:
    """`organizations` are those that the person belongs to."""

    stream: str
    organizations: tuple[str, ...] = ()


def reads(state: State, command: AskErasure) -> tuple[str, ...]:
    return command.organizations


def decide(state: State, command: AskErasure, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a person asks this for themselves")
    if state.passkeys and context.actor.strength < Strength.PASSKEY:
        raise StrengthNeeded(
            "this account has a passkey", remedy="sign in with it, then ask for the erasure"
        )
    if state.password:
        check_not_by_link(context.actor)
    if state.erasure_due:
        raise Conflict("you asked for it already", remedy="it happens on the day that was said")
    check_nothing_against(state, command.organizations, context)
    return (ErasureAsked(due=calendar.iso(context.now + WAIT)),)
