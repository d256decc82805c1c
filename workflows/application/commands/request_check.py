"""Ask for a check to be made again; what it found before stays in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import CheckRequested
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotFound, NotNow


@dataclass(frozen=True, slots=True)
class RequestCheck:
    stream: str
    check: str


def decide(state: State, command: RequestCheck, context: Context) -> tuple[object, ...]:
    present = state.checks.get(command.check)
    if present is None:
        raise NotFound("this application has no such check")
    if not present.verdict:
        raise NotNow("this check is running", code="check_running", remedy="wait for its result")
    if present.settled:
        raise NotNow("this check has passed", code="check_settled")
    if present.verdict == "needs-human":
        # Asking again must not be a way to roll the dice on a hit until it goes away.
        raise NotNow(
            "a person is looking at this result",
            code="check_needs_person",
            remedy="intake clears it with a reason, or the applicant is asked",
        )
    return (CheckRequested(check=command.check, round=present.round + 1),)
