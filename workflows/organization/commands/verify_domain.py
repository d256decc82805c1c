"""Record that the challenge was found at a claimed domain; robots look, people don't say."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainVerified
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class VerifyDomain:
    """`token` is the value that was found; it must be the one that is asked for now. `proof` is
    where: "dns" or "file"."""

    stream: str
    domain: str
    token: str
    looked_at: str
    proof: str = "dns"


def decide(state: State, command: VerifyDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or claim.token != command.token:
        raise NotFound("this domain is not claimed with that token")
    if claim.verified_at:
        return ()
    return (DomainVerified(command.domain, command.looked_at, command.proof),)
