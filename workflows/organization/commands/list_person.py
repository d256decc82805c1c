"""The directory lists somebody: they are invited, unless they belong already.

As with every invitation, they become a member only when they accept it.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.organization.directory import role_of
from workflows.organization.events import Invited
from workflows.organization.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class ListPerson:
    """`account` is theirs, as far as the portal knows one, else ""; `domain` is that of their
    address, `groups` those that they are in. `expires_at` is ISO 8601 UTC."""

    stream: str
    account: str
    invitation: str
    address: Vaulted
    domain: str
    groups: tuple[str, ...]
    expires_at: str


def decide(state: State, command: ListPerson, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if claim is None or not claim.stands:
        raise Invalid(
            "this address lies in no domain that your organization has proven",
            code="foreign_address",
            remedy="prove the domain first, or invite the person by hand",
        )
    if command.account in state.members:
        return ()
    role = role_of(state.directory, frozenset(command.groups)) or state.directory.starts_as
    return (Invited(command.invitation, command.address, role, command.expires_at),)
