"""Open the grant that a decision made; the application is read, never taken on trust."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotAllowed
from workflows.grant.events import Opened
from workflows.grant.state import State


@dataclass(frozen=True, slots=True)
class Open:
    stream: str
    application: str


def reads(state: State, command: Open) -> tuple[str, ...]:
    return (command.application,)


def decide(state: State, command: Open, context: Context) -> tuple[object, ...]:
    application = context.others[command.application]
    if application.phase != "approved" or application.grant_id != command.stream:
        raise NotAllowed("no decision grants this", code="not_decided")
    return (
        Opened(
            org_id=application.org_id,
            application=command.application,
            program=application.program,
            program_version=application.program_version,
            tier=application.tier,
            scopes=application.granted,
            expires_at=application.expires_at,
        ),
    )
