"""Confirm a proposed staff role: the second of the two people that it takes.

Where the program has one keeper of roles alone and its operator allowed `roles_by_one`, the
proposer looks a second time, a day later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.account.commands.propose_role import WAITS_DAYS
from workflows.account.events import RelaxationUsed, RoleAppointed
from workflows.account.passwords import without_password
from workflows.account.recovery import KEEPERS
from workflows.account.staff_roles import check_device_bound, check_may_hold
from workflows.account.state import Proposal, State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow
from workflows.installation import small_program


@dataclass(frozen=True, slots=True)
class ConfirmRole:
    """`sole_keeper` says that nobody but the actor looks after people's roles: a fact, counted at
    the door."""

    stream: str
    role: str
    sole_keeper: bool = False


def reads(state: State, command: ConfirmRole) -> tuple[str, ...]:
    proposal = state.proposals.get(command.role)
    return (small_program.STREAM, *([proposal.proposed_by] if proposal else []))


def decide(state: State, command: ConfirmRole, context: Context) -> tuple[object, ...]:
    proposal = state.proposals.get(command.role)
    if proposal is None or proposal.expires_at <= calendar.iso(context.now):
        raise NotNow(
            "nobody proposed this, or its time is up", code="not_proposed", remedy="propose it anew"
        )
    if not context.others[proposal.proposed_by].roles & KEEPERS:
        raise NotNow("whoever proposed this may no longer", remedy="propose it anew")
    relaxed = _by_one(state, command, proposal, context)
    check_may_hold(state, command.role)  # what they hold may have changed since
    check_device_bound(state, command.role)
    return (
        *relaxed,
        *without_password(state, "staff_role"),
        RoleAppointed(role=command.role, proposed_by=proposal.proposed_by),
    )


def _by_one(
    state: State, command: ConfirmRole, proposal: Proposal, context: Context
) -> tuple[RelaxationUsed, ...]:
    """That one person was enough, if it was the proposer; raises where it is not."""
    actor = context.actor.id
    if actor not in (proposal.proposed_by, state.id):
        return ()
    alone = command.sole_keeper and small_program.allows(context, "roles_by_one")
    if actor == state.id or not alone:
        raise NotAllowed(
            "it takes two people, and neither is the one concerned",
            code="second_person",
            remedy="leave it to a colleague",
        )
    if calendar.iso(context.now) < second_look(proposal.expires_at):
        raise NotNow(
            "a day passes before you confirm what you proposed yourself",
            code="second_look",
            remedy="look again when it has passed",
        )
    return (RelaxationUsed("roles_by_one"),)


def second_look(expires_at: str) -> str:
    """From when on the only keeper may confirm a proposal that ends at this time."""
    end = calendar.parse(expires_at)
    if end is None:
        raise LookupError("a proposal has an end")
    return calendar.iso(end - timedelta(days=WAITS_DAYS) + small_program.SECOND_LOOK)
