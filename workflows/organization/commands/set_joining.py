"""Let people with an address in a proven domain ask to join, or no longer."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import JoiningSet
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class SetJoining:
    """Off at first: that an organization is here at all is its own to tell."""

    stream: str
    open: bool


def decide(state: State, command: SetJoining, context: Context) -> tuple[object, ...]:
    if command.open == state.joining:
        return ()
    return (JoiningSet(command.open),)
