"""Take the organization's single sign-on away; nobody signs in through it from then on."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import SignOnRemoved
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RemoveSignOn:
    stream: str


def decide(state: State, command: RemoveSignOn, context: Context) -> tuple[object, ...]:
    return (SignOnRemoved(),) if state.sign_on is not None else ()
