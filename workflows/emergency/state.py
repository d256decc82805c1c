"""Emergency power as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.emergency import events as e

PHASES = ("absent", "waiting", "active", "over", "reviewed", "dropped")


@dataclass(frozen=True, slots=True)
class State:
    """`person` has it, `confirmed_by` is the second or ""; `until` is "" before it began."""

    id: str = ""
    phase: str = "absent"
    person: str = ""
    hours: int = 0
    waits_until: str = ""
    confirmed_by: str = ""
    until: str = ""

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.BreakGlassAsked(person=person, hours=hours, waits_until=end):
            return replace(state, phase="waiting", person=person, hours=hours, waits_until=end)
        case e.BreakGlassBegan(until=until, confirmed_by=second):
            return replace(state, phase="active", until=until, confirmed_by=second)
        case e.BreakGlassDropped():
            return replace(state, phase="dropped")
        case e.BreakGlassEnded():
            return replace(state, phase="over")
        case e.BreakGlassReviewed():
            return replace(state, phase="reviewed")
    raise TypeError(f"not an emergency event: {event!r}")
