"""Hold a grant back because the domain that it rested on is no longer its organization's.

It follows from the loss, in the same transaction. The rule looks at the organization itself, so
that nobody can use it against a domain that stands. Giving it back is for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.grant.events import Suspended
from workflows.grant.state import State


@dataclass(frozen=True, slots=True)
class SuspendUnproven:
    stream: str
    domain: str


def reads(state: State, command: SuspendUnproven) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: SuspendUnproven, context: Context) -> tuple[object, ...]:
    claim = context.others[state.org_id].domains.get(command.domain)
    if claim is not None and claim.verified_at:
        raise NotNow("this domain is proven")
    return (Suspended(reason="domain_lost", note=None),)
