"""A program's versions, of which at most one is active."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.policy import events as e

PHASES = ("absent", "active")


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    program: str = ""
    active: str = ""
    versions: tuple[str, ...] = ()

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.VersionActivated(program=program, version=version):
            return replace(
                state,
                phase="active",
                program=program,
                active=version,
                versions=(*state.versions, version),
            )
    raise TypeError(f"not a policy event: {event!r}")
