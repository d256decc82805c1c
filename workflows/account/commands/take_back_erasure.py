"""Take back that one wants to be forgotten; whatever one signed in with is enough."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import ErasureTakenBack
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow


@dataclass(frozen=True, slots=True)
class TakeBackErasure:
    stream: str


def decide(state: State, command: TakeBackErasure, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a person says this for themselves")
    if not state.erasure_due:
        raise NotNow("no erasure is waiting", remedy="nothing is left to do")
    return (ErasureTakenBack(),)
