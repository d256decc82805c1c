"""Remove a passkey from one's own account; never the last one."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import PasskeyRemoved
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotFound, NotNow


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    stream: str
    passkey: str


def decide(state: State, command: RemovePasskey, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a passkey is removed by the person who holds it")
    if command.passkey not in state.passkeys:
        raise NotFound("there is no such passkey on your account")
    if len(state.passkeys) == 1:
        # Without one the mailed link would open the account, and any key could be added.
        raise NotNow(
            "this is your only passkey",
            code="last_passkey",
            remedy="add another first, then remove this one",
        )
    return (PasskeyRemoved(command.passkey),)
