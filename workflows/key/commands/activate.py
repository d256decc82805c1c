"""Let a published key sign."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.key.events import Activated
from workflows.key.state import State


@dataclass(frozen=True, slots=True)
class Activate:
    stream: str


def decide(state: State, command: Activate, context: Context) -> tuple[object, ...]:
    return (Activated(),)
