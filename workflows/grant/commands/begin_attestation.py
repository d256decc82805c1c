"""Begin to count for how long each key is spoken for: what is new, or was there before."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import due_from
from workflows.context import Context
from workflows.grant.events import AttestationBegan
from workflows.grant.state import State


@dataclass(frozen=True, slots=True)
class BeginAttestation:
    stream: str


def decide(state: State, command: BeginAttestation, context: Context) -> tuple[object, ...]:
    due = due_from(context.now)
    uncounted = (key for key in state.live_credentials if key not in state.due)
    return tuple(AttestationBegan(key, due) for key in uncounted)
