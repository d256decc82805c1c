"""Review a use of emergency power that is over: by somebody who had no part in it, in writing."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.emergency.events import BreakGlassReviewed
from workflows.emergency.state import State
from workflows.errors import Invalid, NotAllowed
from workflows.vaulted import Vaulted

VERDICTS = ("justified", "not_justified")


@dataclass(frozen=True, slots=True)
class ReviewBreakGlass:
    stream: str
    verdict: str
    finding: Vaulted


def decide(state: State, command: ReviewBreakGlass, context: Context) -> tuple[object, ...]:
    # Whoever ended it by hand only took power away, and may look at what was done with it.
    if context.actor.id in (state.person, state.confirmed_by):
        raise NotAllowed(
            "you had a part in this", code="had_part", remedy="leave the review to a colleague"
        )
    if command.verdict not in VERDICTS:
        raise Invalid("no verdict is chosen", fields={"verdict": "Choose what you found"})
    return (BreakGlassReviewed(command.verdict, command.finding),)
