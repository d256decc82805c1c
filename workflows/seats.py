"""Who may sit: distinct people, none of them the applicant, none with a conflict, a quorum."""

from __future__ import annotations

from workflows.actors import Actor
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow
from workflows.organization.state import State as Organization
from workflows.program import Program


def reviewers_needed(state: State, program: Program) -> int:
    tier = program.tier(state.tier)
    if tier is None:
        raise LookupError(f"the pinned program has no tier {state.tier!r}")
    return tier.reviewers


def quorum_met(state: State, program: Program) -> bool:
    """Whether enough distinct, seated, unrecused people have reviewed."""
    speakers = {r for r in state.reviews if r in state.seats and r not in state.recused}
    return len(speakers) >= reviewers_needed(state, program)


def reads(state: State, command: object) -> tuple[str, ...]:
    """The stream that every command of a seat reads: who belongs, or belonged, to the applicant."""
    return (state.org_id,)


def check_no_member(actor: Actor, *organizations: Organization) -> None:
    """Raises NotAllowed when the actor belongs, or ever belonged, to one of them."""
    if any(o.id in actor.belongs_to or o.knew(actor.id) for o in organizations):
        raise NotAllowed(
            "you belong or belonged to an organization that this is about",
            code="own_organization",
            remedy="leave this to a colleague",
        )


def check_not_on_both_sides(state: State, context: Context) -> None:
    """Raises NotAllowed when the actor belongs, or ever belonged, to the organization."""
    actor = context.actor
    if state.org_id in actor.belongs_to or context.others[state.org_id].knew(actor.id):
        raise NotAllowed(
            "you belong or belonged to the organization that applies",
            code="own_organization",
            remedy="leave this case to a colleague",
        )


def check_may_sit(state: State, context: Context) -> None:
    """Raises unless the actor may take a reviewer's seat on this case."""
    check_not_on_both_sides(state, context)
    actor, program = context.actor, context.pinned()
    if actor.id in state.recused:
        raise NotAllowed(
            "you stood back from this case", code="recused", remedy="open another case"
        )
    if actor.id not in state.seats and len(state.seats) >= reviewers_needed(state, program):
        raise NotNow("all seats on this case are taken", code="seats_full",
                     remedy="open another case")  # fmt: skip


def check_may_decide(state: State, context: Context) -> None:
    """Raises unless the actor may decide: apart from the reviewers, with their quorum met."""
    check_not_on_both_sides(state, context)
    actor, program = context.actor, context.pinned()
    if actor.id in {*state.seats, *state.reviews, *state.recused, *state.vacated}:
        raise NotAllowed(
            "you held a seat on this case",
            code="reviewed_here",
            remedy="the decision is for somebody who did not review",
        )
    if not quorum_met(state, program):
        raise NotNow("not enough people have reviewed this case", code="quorum_missing")
