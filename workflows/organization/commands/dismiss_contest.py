"""Leave a contested domain with whoever holds it; the claim's token proves nothing any more."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainContestDismissed
from workflows.organization.state import State
from workflows.seats import check_no_member


@dataclass(frozen=True, slots=True)
class DismissContest:
    stream: str
    domain: str


def decide(state: State, command: DismissContest, context: Context) -> tuple[object, ...]:
    check_no_member(context.actor, state)
    claim = state.domains.get(command.domain)
    if claim is None or not claim.contested_at:
        raise NotFound("nobody contests this domain")
    return (DomainContestDismissed(command.domain),)
