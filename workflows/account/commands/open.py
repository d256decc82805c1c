"""Open an account for a person whose address has just been proven, or whom an operator names."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import Opened
from workflows.account.state import State
from workflows.context import Context
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Open:
    stream: str
    address: Vaulted
    name: Vaulted


def decide(state: State, command: Open, context: Context) -> tuple[object, ...]:
    return (Opened(address=command.address, name=command.name),)
