"""Begin to count for how long each member is spoken for: who joined, or was there before.

It takes nothing from anybody: everybody has the whole time from this moment on.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import due_from
from workflows.context import Context
from workflows.organization.events import AttestationBegan
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class BeginAttestation:
    stream: str


def decide(state: State, command: BeginAttestation, context: Context) -> tuple[object, ...]:
    due = due_from(context.now)
    uncounted = (account for account in state.members if account not in state.attested.due)
    return tuple(AttestationBegan(account, due) for account in uncounted)
