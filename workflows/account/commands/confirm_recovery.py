"""Confirm a recovery: the second of the two people; it happens a day later."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import RecoveryConfirmed, RelaxationUsed
from workflows.account.recovery import (
    DELAY,
    KEEPERS,
    check_may_help,
    check_not_elsewhere,
    looks_after,
)
from workflows.account.state import Recovery, State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow
from workflows.installation import small_program

OVERLAP = "recovery_by_overlapping_staff"


@dataclass(frozen=True, slots=True)
class ConfirmRecovery:
    """`too_few` says that no two others of staff without a common role exist, for the recovery of
    somebody of staff; `elsewhere` that the person belongs to another organization too by now.
    Both are facts, looked up at the door."""

    stream: str
    too_few: bool = False
    elsewhere: bool = False


def reads(state: State, command: ConfirmRecovery) -> tuple[str, ...]:
    if state.recovery is None:
        return ()
    organization = (state.recovery.organization,) if state.recovery.organization else ()
    return (*organization, state.recovery.proposed_by, small_program.STREAM)


def decide(state: State, command: ConfirmRecovery, context: Context) -> tuple[object, ...]:
    recovery = state.recovery
    now = calendar.iso(context.now)
    if recovery is None or recovery.due or recovery.expires_at <= now:
        raise NotNow("no recovery waits for a second person", code="not_proposed",
                     remedy="propose it anew")  # fmt: skip
    check_may_help(state, recovery.organization, context)
    check_not_elsewhere(recovery.organization, command.elsewhere)
    if context.actor.id == recovery.proposed_by:
        raise NotAllowed(
            "it takes two people", code="second_person", remedy="leave it to a colleague"
        )
    relaxed = _check_first(state, recovery, command, context)
    return (
        *relaxed,
        RecoveryConfirmed(context.actor.id, due=calendar.iso(context.now + DELAY)),
    )


def _check_first(
    state: State, recovery: Recovery, command: ConfirmRecovery, context: Context
) -> tuple[RelaxationUsed, ...]:
    """The first must still be who they were, and of another role where a member of staff is
    concerned; that a common role was overlooked, where the program is small."""
    if recovery.organization:
        organization = context.others[recovery.organization]
        if not looks_after(state, organization, recovery.proposed_by):
            raise NotNow("whoever proposed this may no longer", remedy="propose it anew")
        return ()
    first = context.others[recovery.proposed_by].roles
    if not first & KEEPERS:
        raise NotNow("whoever proposed this may no longer", remedy="propose it anew")
    if state.roles and first & context.actor.roles:
        if command.too_few and small_program.allows(context, OVERLAP):
            return (RelaxationUsed(OVERLAP),)
        raise NotAllowed(
            "for staff it takes two people with different roles",
            code="different_roles",
            remedy="leave it to somebody with none of the other's roles",
        )
    return ()
