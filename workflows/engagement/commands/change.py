"""Change targets or days; the authorization that was there spoke of others, so a new one is due."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.engagement.dates import check_days
from workflows.engagement.events import Changed
from workflows.engagement.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Change:
    """Days are ISO 8601 dates."""

    stream: str
    targets: Vaulted
    starts_on: str
    ends_on: str


def decide(state: State, command: Change, context: Context) -> tuple[object, ...]:
    check_days(command.starts_on, command.ends_on, context.now)
    return (Changed(command.targets, command.starts_on, command.ends_on),)
