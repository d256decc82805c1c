"""Suspend the keys for which nobody spoke until due and grace had passed."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import has_lapsed
from workflows.context import Context
from workflows.grant.events import CredentialSuspended
from workflows.grant.state import NOT_ATTESTED, State


@dataclass(frozen=True, slots=True)
class SuspendUnattested:
    stream: str


def decide(state: State, command: SuspendUnattested, context: Context) -> tuple[object, ...]:
    return tuple(
        CredentialSuspended(key, NOT_ATTESTED)
        for key in state.live_credentials
        if not state.is_held(key, NOT_ATTESTED) and has_lapsed(state.due.get(key, ""), context.now)
    )
