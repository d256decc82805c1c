"""The installation as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.installation import events as e

PHASES = ("absent", "present")


@dataclass(frozen=True, slots=True)
class State:
    """`relaxed` are the rules of a small program that are allowed now."""

    id: str = ""
    phase: str = "absent"
    relaxed: frozenset[str] = frozenset()

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.RuleRelaxed(rule=rule):
            return replace(state, phase="present", relaxed=state.relaxed | {rule})
        case e.RuleRestored(rule=rule):
            return replace(state, relaxed=state.relaxed - {rule})
    raise TypeError(f"not an installation event: {event!r}")
