"""Revoke one credential; the grant and its other credentials stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotFound
from workflows.grant.events import CredentialRevoked
from workflows.grant.state import REASONS, State


@dataclass(frozen=True, slots=True)
class RevokeCredential:
    stream: str
    credential: str
    reason: str


def decide(state: State, command: RevokeCredential, context: Context) -> tuple[object, ...]:
    if command.credential not in state.credentials:
        raise NotFound("this grant has no such credential")
    if command.reason not in REASONS:
        raise Invalid("no reason is chosen", fields={"reason": "Choose a reason"})
    if not state.credentials[command.credential]:
        return ()
    return (CredentialRevoked(credential=command.credential, reason=command.reason),)
