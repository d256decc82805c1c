"""Say that a member still works there; if they were suspended, they are back at once.

Nobody says it of themselves. An owner alone need not: an owner's membership is never suspended.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import due_from, is_open
from workflows.context import Context
from workflows.errors import NotAllowed, NotFound
from workflows.organization.events import MemberAttested, MemberReinstated
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class AttestMember:
    stream: str
    account: str


def decide(state: State, command: AttestMember, context: Context) -> tuple[object, ...]:
    account = command.account
    if account not in state.members:
        raise NotFound("there is no such member")
    if account == context.actor.id:
        raise NotAllowed(
            "nobody says of themselves that they still work there",
            code="own_attestation",
            remedy="another owner or admin says it; an owner alone is never suspended",
        )
    if not state.looks_after(context.actor.id):  # they did when the request came in
        raise NotAllowed("your role does not allow this")
    if not is_open(state.attested.due.get(account, ""), context.now):
        return ()
    said = (MemberAttested(account, due_from(context.now)),)
    back = account in state.attested.suspended
    return (*said, MemberReinstated(account)) if back else said
