"""Let mailed links sign one in again, after a change of address was undone."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import MailedLinksAllowed
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow, StrengthNeeded


@dataclass(frozen=True, slots=True)
class AllowMailedLinks:
    stream: str


def decide(state: State, command: AllowMailedLinks, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("this is the word of the person whose account it is")
    if not state.links_held:
        raise NotNow("mailed links sign you in already", code="links_not_held")
    if context.actor.strength < Strength.TOTP:
        raise StrengthNeeded(
            "this needs more than a mailed link",
            remedy="sign in with your passkey, or with your password and a code",
        )
    return (MailedLinksAllowed(),)
