"""End a token of the organization's directory at once."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotFound
from workflows.organization.events import DirectoryTokenRevoked
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RevokeDirectoryToken:
    stream: str
    token: str


def decide(state: State, command: RevokeDirectoryToken, context: Context) -> tuple[object, ...]:
    if command.token not in state.directory.tokens:
        raise NotFound("there is no such token", remedy="it was revoked already")
    return (DirectoryTokenRevoked(command.token),)
