"""Free the seat of somebody who is a reviewer no more; what they have said stays counted.

Nobody asks for this: it follows from the end of their role, or of their account, in the same
transaction, by whoever ended it. They have read the case, and so they will not decide it.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import SeatVacated
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class VacateSeat:
    stream: str
    reviewer: str


def reads(state: State, command: VacateSeat) -> tuple[str, ...]:
    return (command.reviewer,)


def decide(state: State, command: VacateSeat, context: Context) -> tuple[object, ...]:
    if "reviewer" in context.others[command.reviewer].roles:
        raise NotAllowed(
            "this person is a reviewer and keeps the seat",
            code="still_reviewer",
            remedy="end their role first; a seat is given up by standing back",
        )
    if command.reviewer not in state.seats or command.reviewer in state.reviews:
        return ()
    return (SeatVacated(command.reviewer),)
