"""Take a linked sign-in off one's own account."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import SignOnUnlinked
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class UnlinkSignOn:
    stream: str
    link: str


def decide(state: State, command: UnlinkSignOn, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a sign-in is unlinked by the person whose account it is")
    if command.link not in state.sign_ons:
        raise NotFound("there is no such linked sign-in on your account")
    return (SignOnUnlinked(command.link),)
