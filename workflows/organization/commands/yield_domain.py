"""Hand a contested domain from its holder to the organization that proves it now; staff decide."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainYielded
from workflows.organization.state import State
from workflows.seats import check_no_member


@dataclass(frozen=True, slots=True)
class YieldDomain:
    """`to` is the organization that contests it."""

    stream: str
    domain: str
    to: str


def reads(state: State, command: YieldDomain) -> tuple[str, ...]:
    return (command.to,)


def decide(state: State, command: YieldDomain, context: Context) -> tuple[object, ...]:
    taker = context.others[command.to]
    check_no_member(context.actor, state, taker)
    claim, contest = state.domains.get(command.domain), taker.domains.get(command.domain)
    if claim is None or contest is None or not contest.contested_at:
        raise NotFound("nobody contests this domain")
    return (DomainYielded(command.domain, stood_since=claim.verified_at, to=command.to),)
