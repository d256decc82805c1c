"""Take back an application of an organization that was closed: nobody is left to be granted it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import Withdrawn
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class WithdrawOfClosed:
    stream: str


def reads(state: State, command: WithdrawOfClosed) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: WithdrawOfClosed, context: Context) -> tuple[object, ...]:
    if context.others[state.org_id].phase != "closed":
        raise NotNow("the organization is there", remedy="it takes its application back itself")
    return (Withdrawn(),)
