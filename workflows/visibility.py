"""Who sees which event, and when.

One answer for pages, timelines, and for what a person is told changed meanwhile. An event that
may not be seen is absent: no gap, no count, no time tells of it.
"""

from __future__ import annotations

from typing import Any

from workflows.actors import Actor
from workflows.application import events as a
from workflows.application.state import State as ApplicationState

# Staff roles that read whole cases; a reviewer's own rule is below.
READERS = frozenset({"intake", "reviewer", "decider", "program_manager", "auditor"})
# Staff roles that see who holds which, and whose account is being recovered.
READ_ROLES = frozenset({"administrator", "program_manager", "auditor", "emergency"})
# Emergency power suspends and revokes, and so it reads grants, and no case.
GRANT_READERS = READERS | {"emergency"}
_APPLICANT_SEES = (
    a.Submitted, a.StageOpened, a.CheckRequested, a.CheckRecorded, a.CheckCleared, a.Decided,
    a.Withdrawn,
)  # fmt: skip
# What a check found out about a name is between the lists and the reviewers.
STAFF_ONLY_CHECKS = frozenset({"sanctions_name"})
_BLIND = (a.SeatTaken, a.Recused, a.SeatVacated, a.Reviewed)


def reads(viewer: Actor, org_id: str, roles: frozenset[str] = READERS) -> bool:
    """Whether one of these staff roles opens what is the organization's: never of one's own, also
    when a suspension keeps the viewer from seeing it as a member does."""
    return bool(viewer.roles & roles) and org_id not in viewer.belongs_to


def may_see_application(state: ApplicationState, viewer: Actor) -> bool:
    """Whether the case exists at all for this viewer."""
    return viewer.applied(state.org_id, state.id) or reads(viewer, state.org_id)


def is_blind(state: ApplicationState, viewer: Actor) -> bool:
    """Whether others' reviews are hidden: until every seat has spoken, for everyone."""
    return state.phase in ("checking", "reviewing")


def sees(event: object, by: str, state: Any, viewer: Actor) -> bool:
    """Whether `viewer` sees `event`, done by the actor `by`, of a thing now in `state`."""
    if not isinstance(state, ApplicationState):
        return True
    if viewer.applied(state.org_id, state.id):
        return _applicant_sees(event)
    if not reads(viewer, state.org_id):
        return False
    if isinstance(event, _BLIND) and is_blind(state, viewer):
        return event.reviewer == viewer.id  # a vacated seat also from whoever ended the role
    return True


def _applicant_sees(event: object) -> bool:
    if isinstance(event, a.CheckRecorded | a.CheckCleared | a.CheckRequested):
        return event.check not in STAFF_ONLY_CHECKS
    return isinstance(event, _APPLICANT_SEES)


# Why staff read, by role; the first that they hold counts. A seat says more than a role.
_PURPOSES = (
    ("reviewer", "review"), ("decider", "decision"), ("intake", "checks"),
    ("program_manager", "oversight"), ("auditor", "audit"), ("emergency", "emergency"),
)  # fmt: skip
PURPOSES = tuple(purpose for _, purpose in _PURPOSES)


def purpose_of(roles: frozenset[str]) -> str:
    """What somebody with these staff roles reads a case or a grant for.

    Raises:
        LookupError: for nobody whose role opens either.
    """
    for role, purpose in _PURPOSES:
        if role in roles:
            return purpose
    raise LookupError("no staff role reads this")


def sees_read(purpose: str, phase: str) -> bool:
    """Whether the organization sees that somebody read its case, now in `phase`.

    While reviewers are blind to each other, when one of them opened the case tells who holds a
    seat and how far they are; it is shown once all have spoken. The reader's name never is.
    """
    return purpose != "review" or phase not in ("checking", "reviewing")
