"""Put a relaxed rule back into force."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.installation.events import RuleRestored
from workflows.installation.state import State


@dataclass(frozen=True, slots=True)
class Restore:
    stream: str
    rule: str


def decide(state: State, command: Restore, context: Context) -> tuple[object, ...]:
    return (RuleRestored(command.rule),) if command.rule in state.relaxed else ()
