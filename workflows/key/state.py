"""A key of the issuer: pending, active, retiring, destroyed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.key import events as e

PHASES = ("absent", "pending", "active", "retiring", "destroyed")


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    purpose: str = ""
    publish_until: str = ""

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.Created(purpose=purpose):
            return replace(state, phase="pending", purpose=purpose)
        case e.Activated():
            return replace(state, phase="active")
        case e.Retired(publish_until=publish_until):
            return replace(state, phase="retiring", publish_until=publish_until)
        case e.Destroyed():
            return replace(state, phase="destroyed")
    raise TypeError(f"not a key event: {event!r}")
