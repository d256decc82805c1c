"""Let the organization's directory get tokens by a key of its own, where it can sign.

Nothing static is shared then: it proves itself with each request (RFC 7523, RFC 9449).
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.directory import makes_way, next_end
from workflows.organization.events import DirectoryKeyRegistered
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RegisterDirectoryKey:
    """`token` is the client id; `jkt` is the RFC 7638 thumbprint of the public key `jwk`, `days`
    for how long it is accepted."""

    stream: str
    token: str
    jkt: str
    jwk: dict[str, str]
    days: int


def decide(state: State, command: RegisterDirectoryKey, context: Context) -> tuple[object, ...]:
    end = next_end(command.days, context.now)
    return (
        *makes_way(state.directory, state.has_proven_domain, context.now),
        DirectoryKeyRegistered(command.token, command.jkt, command.jwk, end),
    )
