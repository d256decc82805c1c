"""Take an application back before it is decided."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import Withdrawn
from workflows.application.state import State
from workflows.context import Context


@dataclass(frozen=True, slots=True)
class Withdraw:
    stream: str


def decide(state: State, command: Withdraw, context: Context) -> tuple[object, ...]:
    return (Withdrawn(),)
