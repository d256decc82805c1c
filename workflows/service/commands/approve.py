"""Approve a service; never by the developer who registered it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotAllowed
from workflows.service.events import Approved
from workflows.service.state import State


@dataclass(frozen=True, slots=True)
class Approve:
    stream: str


def decide(state: State, command: Approve, context: Context) -> tuple[object, ...]:
    if context.actor.id == state.developer:
        raise NotAllowed("nobody approves their own service", remedy="ask a service manager")
    return (Approved(),)
