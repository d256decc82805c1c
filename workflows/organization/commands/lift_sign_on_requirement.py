"""Let people sign in by mailed link again."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import SignOnRequirementLifted
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class LiftSignOnRequirement:
    stream: str


def decide(state: State, command: LiftSignOnRequirement, context: Context) -> tuple[object, ...]:
    if state.sign_on is None or not state.sign_on.required:
        return ()
    return (SignOnRequirementLifted(),)
