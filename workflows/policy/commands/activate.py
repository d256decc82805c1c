"""Activate a validated version of a program."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.policy.events import VersionActivated
from workflows.policy.state import State


@dataclass(frozen=True, slots=True)
class Activate:
    """`documents` have been parsed and validated; `version` is their digest."""

    stream: str
    program: str
    version: str
    documents: dict[str, str]


def decide(state: State, command: Activate, context: Context) -> tuple[object, ...]:
    if state.active == command.version:
        return ()
    return (VersionActivated(command.program, command.version, command.documents),)
