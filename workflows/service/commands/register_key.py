"""Register the public key by which a service asks for tokens of its own."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotAllowed
from workflows.service.events import KeyRegistered
from workflows.service.state import State


@dataclass(frozen=True, slots=True)
class RegisterKey:
    stream: str
    jkt: str
    jwk: dict[str, str]


def decide(state: State, command: RegisterKey, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.developer:
        raise NotAllowed("the key is registered by the developer of the service")
    return (KeyRegistered(command.jkt, command.jwk),)
