"""A workspace as its history tells it; who is in it stands in the organization's stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.workspace import events as e

PHASES = ("absent", "open", "closed")


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    org_id: str = ""
    applications: frozenset[str] = frozenset()


def evolve(state: State, event: object) -> State:
    match event:
        case e.Opened(org_id=org_id):
            return replace(state, phase="open", org_id=org_id)
        case e.ApplicationPlaced(application=application):
            return replace(state, applications=state.applications | {application})
        case e.ApplicationTakenOut(application=application):
            return replace(state, applications=state.applications - {application})
        case e.Closed():
            return replace(state, phase="closed")
    raise TypeError(f"not a workspace event: {event!r}")
