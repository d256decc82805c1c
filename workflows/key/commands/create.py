"""Record a new key of the issuer."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.key.events import Created
from workflows.key.state import State


@dataclass(frozen=True, slots=True)
class Create:
    stream: str
    kid: str
    purpose: str
    alg: str
    jwk: dict[str, str]


def decide(state: State, command: Create, context: Context) -> tuple[object, ...]:
    return (Created(command.kid, command.purpose, command.alg, command.jwk),)
