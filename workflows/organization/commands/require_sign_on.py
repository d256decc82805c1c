"""Require single sign-on of people with an address in the organization's proven domains.

Mailed links end for them; their passkeys go on, being stronger, and so nobody who has one is
locked out when the provider fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.organization.events import SignOnRequired
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class RequireSignOn:
    stream: str


def reads(state: State, command: RequireSignOn) -> tuple[str, ...]:
    return (state.owner,) if state.members else ()


def decide(state: State, command: RequireSignOn, context: Context) -> tuple[object, ...]:
    if state.sign_on is None:
        raise NotNow(
            "no single sign-on is configured", code="no_sign_on", remedy="configure it first"
        )
    if state.sign_on.required:
        return ()
    if context.actor.id not in state.sign_on.proven:
        raise NotNow(
            "you have not signed in through this configuration yet",
            code="sign_on_unproven",
            remedy="sign in through it once, so that nobody is locked out by a typing error",
        )
    if not context.others[state.owner].passkeys:
        raise NotNow(
            "the owner has no passkey",
            code="owner_without_passkey",
            remedy="ask the owner to add one: it is the way in when the provider fails",
        )
    return (SignOnRequired(),)
