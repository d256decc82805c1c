"""End a lapsed domain's grace: it is proven no more, and grants that rested on it are held."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import NotNow
from workflows.organization.events import DomainLost
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class LoseDomain:
    stream: str
    domain: str


def decide(state: State, command: LoseDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or not claim.grace_until:
        return ()  # it came back, or was given up
    if calendar.iso(context.now) < claim.grace_until:
        raise NotNow("its grace is not over", code="grace_not_over")
    return (DomainLost(command.domain, stood_since=claim.verified_at),)
