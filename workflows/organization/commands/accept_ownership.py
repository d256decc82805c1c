"""Accept the ownership that was offered: the second of the two people that it takes."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.organization.events import OwnershipTransferred
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class AcceptOwnership:
    stream: str


def decide(state: State, command: AcceptOwnership, context: Context) -> tuple[object, ...]:
    if not state.offered_to or state.offered_to != context.actor.id:
        raise NotNow(
            "ownership is not offered to you",
            code="not_offered",
            remedy="ask the owner to offer it",
        )
    if context.actor.id in state.attested.suspended:  # since the request came in
        raise NotNow("your membership is suspended", remedy="ask the owner or an admin")
    return (OwnershipTransferred(former=state.owner, owner=context.actor.id),)
