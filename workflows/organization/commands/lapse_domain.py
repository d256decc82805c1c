"""Record that the proof is gone from a proven domain: its grace begins; robots look."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import DomainLapsed
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class LapseDomain:
    """`grace_until` is ISO 8601 UTC; what it may be is `portal.evidence.domains`'s to say."""

    stream: str
    domain: str
    looked_at: str
    grace_until: str


def decide(state: State, command: LapseDomain, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or not claim.stands:
        return ()  # lapsed already, lost, or given up meanwhile
    return (DomainLapsed(command.domain, command.looked_at, command.grace_until),)
