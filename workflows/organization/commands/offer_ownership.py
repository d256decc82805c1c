"""Offer the organization to another member; it changes hands only when they accept."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotFound
from workflows.organization.events import OwnershipOffered
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class OfferOwnership:
    stream: str
    account: str


def decide(state: State, command: OfferOwnership, context: Context) -> tuple[object, ...]:
    if command.account not in state.members:
        raise NotFound("there is no such member", remedy="invite them first")
    if state.members[command.account] == "guest":
        raise Invalid("a guest cannot own it", remedy="make them a member first")
    if command.account in state.attested.suspended:
        raise Invalid("their membership is suspended", remedy="say that they still work there")
    if command.account == context.actor.id:
        raise Invalid("you own it already", remedy="choose another member")
    return () if state.offered_to == command.account else (OwnershipOffered(command.account),)
