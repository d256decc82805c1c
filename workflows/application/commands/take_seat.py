"""Take a reviewer's seat, having declared that there is no conflict."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import seats
from workflows.application.events import SeatTaken
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import Invalid


@dataclass(frozen=True, slots=True)
class TakeSeat:
    stream: str
    no_conflict: bool


reads = seats.reads


def decide(state: State, command: TakeSeat, context: Context) -> tuple[object, ...]:
    seats.check_may_sit(state, context)
    if context.actor.id in state.seats:
        return ()
    if not command.no_conflict:
        raise Invalid(
            "a conflict is declared before the file opens",
            remedy="confirm that you have none, or stand back",
            fields={"no_conflict": "Confirm that you have no conflict with this organization"},
        )
    return (SeatTaken(reviewer=context.actor.id),)
