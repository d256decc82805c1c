"""Ask for emergency power: for hours, with a reason; a second person of staff confirms it.

What it opens is the row `emergency` of `workflows/roles.py`, and that row only tightens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.context import Context
from workflows.emergency.events import BreakGlassAsked, BreakGlassBegan
from workflows.emergency.state import State
from workflows.errors import Invalid
from workflows.installation import small_program
from workflows.vaulted import Vaulted

MOST_HOURS = 4
WAITS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """`others` is how many other people are of staff: a fact, counted at the door."""

    stream: str
    hours: int
    reason: Vaulted
    others: int


def reads(state: State, command: BreakGlass) -> tuple[str, ...]:
    return (small_program.STREAM,)


def decide(state: State, command: BreakGlass, context: Context) -> tuple[object, ...]:
    if not 1 <= command.hours <= MOST_HOURS:
        raise Invalid(
            f"emergency power lasts one to {MOST_HOURS} hours",
            fields={"hours": f"Choose one to {MOST_HOURS} hours"},
        )
    person, now = context.actor.id, context.now
    asked = BreakGlassAsked(
        person, command.hours, command.reason, waits_until=calendar.iso(now + WAITS)
    )
    because = _one_is_enough(command, context)
    if not because:
        return (asked,)
    until = calendar.iso(now + timedelta(hours=command.hours))
    return asked, BreakGlassBegan(person, until, confirmed_by="", because=because)


def _one_is_enough(command: BreakGlass, context: Context) -> str:
    """Why no second person is asked for, "" when one is."""
    if command.others == 0:
        return "nobody_else"
    if command.others < small_program.FEW_STAFF - 1:
        return "emergency_by_one" if small_program.allows(context, "emergency_by_one") else ""
    return ""
