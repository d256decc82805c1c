"""A screening list: which copy is in use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.screening import events as e

PHASES = ("absent", "present")


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    digest: str = ""
    entries: int = 0

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.ListImported(digest=digest, entries=entries):
            return replace(state, phase="present", digest=digest, entries=entries)
    raise TypeError(f"not a screening event: {event!r}")
