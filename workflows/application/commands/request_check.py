"""Ask for a check to be made again; what it found before stays in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import CheckRequested
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotFound, NotNow
from workflows.visibility import STAFF_ONLY_CHECKS


@dataclass(frozen=True, slots=True)
class RequestCheck:
    stream: str
    check: str


def decide(state: State, command: RequestCheck, context: Context) -> tuple[object, ...]:
    present = state.checks.get(command.check)
    hidden = command.check in STAFF_ONLY_CHECKS and state.org_id in context.actor.belongs_to
    if present is None or hidden:  # an answer of another kind would tell what was found
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
