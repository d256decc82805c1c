"""Revoke the keys that a person registered who is no longer a member of the organization.

It follows from their leaving, in the same transaction. The rule looks at the organization
itself, so that nobody can use it against a member.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.grant.events import CredentialRevoked
from workflows.grant.state import State


@dataclass(frozen=True, slots=True)
class DropHolder:
    stream: str
    account: str


def reads(state: State, command: DropHolder) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: DropHolder, context: Context) -> tuple[object, ...]:
    if command.account in context.others[state.org_id].members:
        raise NotNow("this person is a member", remedy="remove them first")
    return tuple(
        CredentialRevoked(credential=credential, reason="member_gone")
        for credential in state.live_of(command.account)
    )
