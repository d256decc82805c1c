"""Record that the proof was found in a domain that another organization holds.

Whoever proved it first keeps it until staff have looked: control of a name changes hands, and
whoever bought an expired domain must not inherit its former holder's access.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainContested
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class ContestDomain:
    """`token` is the value that was found; it must be the one that is asked for now."""

    stream: str
    domain: str
    token: str
    looked_at: str
    proof: str = "dns"


def decide(state: State, command: ContestDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or claim.token != command.token or claim.verified_at:
        raise NotFound("this domain is not claimed with that token")
    if claim.contested_at:
        return ()
    return (DomainContested(command.domain, command.looked_at, command.proof),)
