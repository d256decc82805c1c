"""Give a passkey of one's own another name; the name lies in the vault."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import PasskeyRenamed
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotFound
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class RenamePasskey:
    stream: str
    passkey: str
    label: Vaulted


def decide(state: State, command: RenamePasskey, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id or command.passkey not in state.passkeys:
        raise NotFound("there is no such passkey on your account")
    return (PasskeyRenamed(command.passkey, command.label),)
