"""Give the organization's directory a token, or the next one.

The earlier one goes on for a week, so that nothing stops while the new one is carried over.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.directory import makes_way, next_end
from workflows.organization.events import DirectoryTokenMade
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class MakeDirectoryToken:
    """`token` is its id, `days` for how long it is accepted."""

    stream: str
    token: str
    days: int


def decide(state: State, command: MakeDirectoryToken, context: Context) -> tuple[object, ...]:
    end = next_end(command.days, context.now)
    return (
        *makes_way(state.directory, state.has_proven_domain, context.now),
        DirectoryTokenMade(command.token, end),
    )
