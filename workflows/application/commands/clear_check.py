"""Clear a check that only a person can decide, with the reason on record."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import seats
from workflows.application.events import CheckCleared
from workflows.application.progress import advance
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotFound, NotNow
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class ClearCheck:
    stream: str
    check: str
    reason: Vaulted


reads = seats.reads


def decide(state: State, command: ClearCheck, context: Context) -> tuple[object, ...]:
    seats.check_not_on_both_sides(state, context)
    present = state.checks.get(command.check)
    if present is None:
        raise NotFound("this application has no such check")
    if present.verdict != "needs-human" or present.cleared_by_person:
        raise NotNow(
            "only a result that needs a person can be cleared",
            code="not_clearable",
            remedy="a failed, stale or unavailable check is made again instead",
        )
    cleared = CheckCleared(check=command.check, round=present.round, reason=command.reason)
    return advance(state, (cleared,), context.pinned())
