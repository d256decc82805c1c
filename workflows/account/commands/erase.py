"""Record that a person's vault key was destroyed."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import Erased
from workflows.account.state import State
from workflows.context import Context


@dataclass(frozen=True, slots=True)
class Erase:
    stream: str
    reason: str


def decide(state: State, command: Erase, context: Context) -> tuple[object, ...]:
    return (Erased(reason=command.reason),)
