"""Register a key with which one's own automation reads what one sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.account.automations import LIFETIMES, MOST, SCOPES
from workflows.account.events import AutomationRegistered
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import Invalid, NotAllowed, NotNow
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class RegisterAutomation:
    """`jkt` is the RFC 7638 thumbprint of the public key `jwk`; `days` until it ends."""

    stream: str
    automation: str
    jkt: str
    jwk: dict[str, str]
    label: Vaulted
    scopes: tuple[str, ...]
    days: int


def decide(state: State, command: RegisterAutomation, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("an account's automation is its person's own")
    if not command.scopes or not set(command.scopes) <= set(SCOPES):
        raise Invalid(
            "these are not scopes of the portal",
            remedy=f"choose among {', '.join(SCOPES)}",
            fields={"scopes": "Choose at least one"},
        )
    if command.days not in LIFETIMES:
        raise Invalid(
            f"a key is not taken for {command.days} days",
            remedy=f"one of {', '.join(map(str, LIFETIMES))}",
            fields={"days": "Choose for how long"},
        )
    now = calendar.iso(context.now)
    if sum(end > now for end in state.automations.values()) >= MOST:
        raise NotNow(
            f"{MOST} keys are registered already",
            code="too_many_automations",
            remedy="revoke one that is no longer used",
        )
    return (
        AutomationRegistered(
            automation=command.automation,
            jkt=command.jkt,
            jwk=command.jwk,
            label=command.label,
            scopes=tuple(dict.fromkeys(command.scopes)),
            expires_at=calendar.iso(context.now + timedelta(days=command.days)),
        ),
    )
