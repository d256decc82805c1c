"""Take over a contested domain; it follows from its holder's yielding, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainVerified
from workflows.organization.state import State
from workflows.seats import check_no_member


@dataclass(frozen=True, slots=True)
class ReceiveDomain:
    stream: str
    domain: str


def decide(state: State, command: ReceiveDomain, context: Context) -> tuple[object, ...]:
    check_no_member(context.actor, state)
    claim = state.domains.get(command.domain)
    if claim is None or not claim.contested_at:
        raise NotFound("nobody contests this domain")
    return (DomainVerified(command.domain, looked_at=claim.contested_at, proof=claim.proof),)
