"""Give a suspended grant back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.grant.events import Resumed
from workflows.grant.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Resume:
    stream: str
    note: Vaulted | None = None


def decide(state: State, command: Resume, context: Context) -> tuple[object, ...]:
    return (Resumed(note=command.note),)
