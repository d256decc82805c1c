"""Give a domain up, proven or not; grants that rested on it are held."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DomainDropped
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class DropDomain:
    stream: str
    domain: str


def decide(state: State, command: DropDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None:
        raise NotFound("this domain is not claimed")
    return (DomainDropped(command.domain, stood_since=claim.verified_at),)
