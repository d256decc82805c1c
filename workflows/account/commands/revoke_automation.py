"""Revoke the key of an automation of one's own; it gets nothing from now on."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import AutomationRevoked
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotFound


@dataclass(frozen=True, slots=True)
class RevokeAutomation:
    stream: str
    automation: str


def decide(state: State, command: RevokeAutomation, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id or command.automation not in state.automations:
        raise NotFound("there is no such key", remedy="it was revoked already")
    return (AutomationRevoked(command.automation),)
