"""The stage in which distinct people speak, blind to each other until all have."""

from __future__ import annotations

from workflows import seats
from workflows.application.state import State
from workflows.program import Program

LABEL = "Review"
TURN = "two independent reviewers"


def is_complete(state: State, program: Program) -> bool:
    """As many distinct reviewers as the tier asks for have spoken."""
    return seats.quorum_met(state, program)
