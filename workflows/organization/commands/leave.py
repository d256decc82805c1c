"""Leave an organization; its owner hands it over first."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.organization.events import MemberLeft
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class Leave:
    stream: str


def decide(state: State, command: Leave, context: Context) -> tuple[object, ...]:
    if state.members.get(context.actor.id) == "owner":
        raise Invalid("the owner cannot leave", remedy="transfer ownership first")
    if context.actor.id not in state.members:
        return ()
    return (MemberLeft(context.actor.id),)
