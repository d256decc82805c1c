"""End an engagement; its people see it no longer."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.engagement.events import Closed
from workflows.engagement.state import State


@dataclass(frozen=True, slots=True)
class Close:
    stream: str


def decide(state: State, command: Close, context: Context) -> tuple[object, ...]:
    return (Closed(),)
