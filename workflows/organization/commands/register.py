"""Register an organization; whoever registers it owns it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import Registered
from workflows.organization.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Register:
    stream: str
    name: Vaulted


def decide(state: State, command: Register, context: Context) -> tuple[object, ...]:
    return (Registered(name=command.name, owner=context.actor.id),)
