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
_APPLICANT_SEES = (
    a.Submitted, a.StageOpened, a.CheckRequested, a.CheckRecorded, a.CheckCleared, a.Decided,
    a.Withdrawn,
)  # fmt: skip
# What a check found out about a name is between the lists and the reviewers.
STAFF_ONLY_CHECKS = frozenset({"sanctions_name"})
_BLIND = (a.SeatTaken, a.Recused, a.Reviewed)


def may_see_application(state: ApplicationState, viewer: Actor) -> bool:
    """Whether the case exists at all for this viewer."""
    return viewer.applied(state.org_id, state.id) or bool(viewer.roles & READERS)


def is_blind(state: ApplicationState, viewer: Actor) -> bool:
    """Whether others' reviews are hidden: until every seat has spoken, for everyone."""
    return state.phase in ("checking", "reviewing")


def sees(event: object, by: str, state: Any, viewer: Actor) -> bool:
    """Whether `viewer` sees `event`, done by the actor `by`, of a thing now in `state`."""
    if not isinstance(state, ApplicationState):
        return True
    if viewer.applied(state.org_id, state.id):
        return _applicant_sees(event)
    if not viewer.roles & READERS:
        return False
    if isinstance(event, _BLIND) and is_blind(state, viewer):
        return by == viewer.id
    return True


def _applicant_sees(event: object) -> bool:
    if isinstance(event, a.CheckRecorded | a.CheckCleared | a.CheckRequested):
        return event.check not in STAFF_ONLY_CHECKS
    return isinstance(event, _APPLICANT_SEES)
