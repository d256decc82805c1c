"""Take a grant away for good, with every credential under it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.grant.events import Revoked
from workflows.grant.state import REASONS, State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Revoke:
    stream: str
    reason: str
    note: Vaulted | None = None


def decide(state: State, command: Revoke, context: Context) -> tuple[object, ...]:
    if command.reason not in REASONS:
        raise Invalid("no reason is chosen", fields={"reason": "Choose a reason"})
    return (Revoked(reason=command.reason, note=command.note),)
