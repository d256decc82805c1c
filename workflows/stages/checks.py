"""The stage in which facts are gathered and judged; robots work, people clear what they can't."""

from __future__ import annotations

from workflows.application.state import State
from workflows.program import Program

LABEL = "Checks"
TURN = "the program's checks"


def is_complete(state: State, program: Program) -> bool:
    """Every check of the stage has passed, or a person cleared it."""
    return all(
        name in state.checks and state.checks[name].settled
        for name in program.stage(state.stage).checks
    )
