"""Let a key sign no more, and keep it published while tokens of its own live."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.key.events import Retired
from workflows.key.state import State


@dataclass(frozen=True, slots=True)
class Retire:
    """`publish_until`: ISO 8601 UTC, at least the longest token lifetime plus skew from now."""

    stream: str
    publish_until: str


def decide(state: State, command: Retire, context: Context) -> tuple[object, ...]:
    return (Retired(command.publish_until),)
