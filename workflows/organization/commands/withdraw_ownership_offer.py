"""Take back an offer of ownership that was not accepted yet."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import OwnershipOfferWithdrawn
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class WithdrawOwnershipOffer:
    stream: str


def decide(state: State, command: WithdrawOwnershipOffer, context: Context) -> tuple[object, ...]:
    return (OwnershipOfferWithdrawn(state.offered_to),) if state.offered_to else ()
