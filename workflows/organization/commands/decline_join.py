"""Say no to somebody who asked to join; or take one's own request back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import JoinDeclined
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class DeclineJoin:
    stream: str
    account: str


def decide(state: State, command: DeclineJoin, context: Context) -> tuple[object, ...]:
    own = command.account == context.actor.id
    manages = context.actor.memberships.get(state.id, frozenset()) & {"owner", "admin"}
    if command.account not in state.requests or not (own or manages):
        raise NotFound("nobody of that name asks to join", remedy="they may have taken it back")
    return (JoinDeclined(command.account),)
