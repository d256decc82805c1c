"""Give a suspended grant back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotAllowed
from workflows.grant.events import Resumed
from workflows.grant.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Resume:
    stream: str
    note: Vaulted | None = None


def decide(state: State, command: Resume, context: Context) -> tuple[object, ...]:
    if state.org_id in context.actor.belongs_to:
        raise NotAllowed(
            "you belong to the organization that holds this grant",
            code="own_organization",
            remedy="leave this grant to a colleague",
        )
    return (Resumed(note=command.note),)
