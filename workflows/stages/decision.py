"""The stage in which one person, who reviewed nothing here, decides."""

from __future__ import annotations

from workflows.application.state import FINAL, State
from workflows.program import Program

LABEL = "Decision"
TURN = "the decider"


def is_complete(state: State, program: Program) -> bool:
    return state.phase in FINAL
