"""Give one's review: a level on every criterion, a recommendation, and the reasons."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import seats
from workflows.application.events import Reviewed
from workflows.application.progress import advance
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import Invalid, NotAllowed, NotNow
from workflows.program import Program
from workflows.vaulted import Vaulted

RECOMMENDATIONS = ("approve", "narrow", "deny")


@dataclass(frozen=True, slots=True)
class Review:
    stream: str
    recommendation: str
    scores: dict[str, int]
    reasons: Vaulted


reads = seats.reads


def decide(state: State, command: Review, context: Context) -> tuple[object, ...]:
    program = context.pinned()
    seats.check_not_on_both_sides(state, context)
    actor = context.actor.id
    if actor not in state.seats:
        raise NotAllowed("you hold no seat on this case", code="no_seat", remedy="take one first")
    if actor in state.reviews:
        raise NotNow("your review is in already", code="already_reviewed")
    if command.recommendation not in RECOMMENDATIONS:
        raise Invalid(
            "no recommendation is chosen", fields={"recommendation": "Choose a recommendation"}
        )
    _check_scores(command, program)
    reviewed = Reviewed(
        reviewer=actor,
        recommendation=command.recommendation,
        scores=dict(sorted(command.scores.items())),
        reasons=command.reasons,
    )
    return advance(state, (reviewed,), program)


def _check_scores(command: Review, program: Program) -> None:
    wrong = {
        criterion.id: f"Choose a level for {criterion.title}"
        for criterion in program.rubric
        if command.scores.get(criterion.id) not in {level.score for level in criterion.levels}
    }
    if wrong or len(command.scores) != len(program.rubric):
        raise Invalid("the rubric is not complete", fields=wrong)
