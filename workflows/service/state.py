"""A downstream service as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.service import events as e

PHASES = ("absent", "proposed", "approved", "retired")


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    audience: str = ""
    developer: str = ""
    jkt: str = ""

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.Registered(audience=audience, developer=developer):
            return replace(state, phase="proposed", audience=audience, developer=developer)
        case e.Approved():
            return replace(state, phase="approved")
        case e.KeyRegistered(jkt=jkt):
            return replace(state, jkt=jkt)
        case e.Retired():
            return replace(state, phase="retired")
    raise TypeError(f"not a service event: {event!r}")
