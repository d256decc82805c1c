"""Record that the proof of a lapsed domain is back, in time; robots look."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainRestored
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RestoreDomain:
    """`token` is the value that was found; it must be the one that proved the domain."""

    stream: str
    domain: str
    token: str
    looked_at: str
    proof: str = "dns"


def decide(state: State, command: RestoreDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or claim.token != command.token:
        raise NotFound("this domain is not claimed with that token")
    if not claim.grace_until:
        return ()
    return (DomainRestored(command.domain, command.looked_at, command.proof),)
