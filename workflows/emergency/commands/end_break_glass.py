"""End emergency power, or turn it down before it began. Anybody of staff may; the clock does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.context import Context
from workflows.emergency.events import BreakGlassDropped, BreakGlassEnded
from workflows.emergency.state import State
from workflows.errors import NotNow

REVIEW_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class EndBreakGlass:
    stream: str


def decide(state: State, command: EndBreakGlass, context: Context) -> tuple[object, ...]:
    if state.phase == "waiting":
        return (BreakGlassDropped(),)
    due = state.until <= calendar.iso(context.now)
    if not due and not context.actor.is_person:
        raise NotNow("its time is not up", code="not_due")
    review_by = calendar.iso(context.now + REVIEW_WITHIN)
    return (BreakGlassEnded("time" if due else "hand", review_by),)
