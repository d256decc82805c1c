"""Somebody was erased: they are no member any more, and an organization of nobody is closed.

It follows from the erasure, in the same transaction. The rule looks at the account itself, so that
nobody can use it against a member.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import NotNow
from workflows.organization.events import (
    Closed,
    DirectoryTokenRevoked,
    DomainDropped,
    InvitationWithdrawn,
    JoinDeclined,
    MemberLeft,
    SignOnRemoved,
)
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class DropErased:
    stream: str
    account: str


def reads(state: State, command: DropErased) -> tuple[str, ...]:
    return (command.account,)


def decide(state: State, command: DropErased, context: Context) -> tuple[object, ...]:
    if context.others[command.account].phase != "erased":
        raise NotNow("this person was not erased", remedy="remove them as a member")
    asked = (JoinDeclined(command.account),) if command.account in state.requests else ()
    role = state.members.get(command.account)
    if role is None:
        return asked
    if role != "owner":
        return (*asked, MemberLeft(command.account))
    if len(state.members) > 1:  # by an operator alone: staff find the organization an owner
        return ()
    return (*_given_up(state), MemberLeft(command.account), Closed())


def _given_up(state: State) -> tuple[object, ...]:
    """What would go on speaking for an organization in which nobody is left."""
    return (
        *(InvitationWithdrawn(invitation) for invitation in state.invitations),
        *(JoinDeclined(account) for account in state.requests),
        *(DomainDropped(c.domain, stood_since=c.verified_at) for c in state.domains.values()),
        *(DirectoryTokenRevoked(token) for token in state.directory.tokens),
        *((SignOnRemoved(),) if state.sign_on is not None else ()),
    )
