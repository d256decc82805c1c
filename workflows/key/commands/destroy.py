"""Record that a key's private half was destroyed; at once when it is tainted."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.key.events import Destroyed
from workflows.key.state import State


@dataclass(frozen=True, slots=True)
class Destroy:
    stream: str
    reason: str


def decide(state: State, command: Destroy, context: Context) -> tuple[object, ...]:
    return (Destroyed(command.reason),)
