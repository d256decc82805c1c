"""Stand back from a case; the seat is free for somebody else."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import Recused
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotNow
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Recuse:
    stream: str
    reason: Vaulted


def decide(state: State, command: Recuse, context: Context) -> tuple[object, ...]:
    actor = context.actor.id
    if actor in state.recused:
        return ()
    if actor in state.reviews:
        raise NotNow(
            "your review is in", code="already_reviewed", remedy="tell the decider of the conflict"
        )
    return (Recused(reviewer=actor, reason=command.reason),)
