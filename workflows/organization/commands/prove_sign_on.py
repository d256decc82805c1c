"""Record that an owner or admin signed in through the present configuration.

It is what a requirement rests on: whoever locks the other door has come in by this one. Others'
sign-ins are no decision and are not recorded here.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.organization.events import SignOnProven
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class ProveSignOn:
    """Issuer and client id are those through which the person came in."""

    stream: str
    account: str
    issuer: str
    client_id: str


def decide(state: State, command: ProveSignOn, context: Context) -> tuple[object, ...]:
    present = state.sign_on
    if present is None or (present.issuer, present.client_id) != (
        command.issuer,
        command.client_id,
    ):
        return ()  # it was configured anew meanwhile
    if not state.looks_after(command.account) or command.account in present.proven:
        return ()
    return (SignOnProven(command.account),)
