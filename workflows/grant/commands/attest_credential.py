"""Say that a key is still used; if it was suspended for want of this word, it works again.

Whoever registered it may say so themselves: it goes with their membership, for which another
speaks. A key that is held for another reason too stays held for that one.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.attestation import due_from, is_open
from workflows.context import Context
from workflows.errors import NotAllowed, NotFound, NotNow
from workflows.grant.events import CredentialAttested, CredentialResumed
from workflows.grant.state import NOT_ATTESTED, State


@dataclass(frozen=True, slots=True)
class AttestCredential:
    stream: str
    credential: str


def reads(state: State, command: AttestCredential) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: AttestCredential, context: Context) -> tuple[object, ...]:
    key = command.credential
    if key not in state.credentials:
        raise NotFound("this grant has no such credential")
    if not state.credentials[key]:
        raise NotNow("this key is revoked", remedy="register another one")
    if not context.others[state.org_id].looks_after(context.actor.id):  # they did at the door
        raise NotAllowed("your role does not allow this")
    if not is_open(state.due.get(key, ""), context.now):
        return ()
    said = (CredentialAttested(key, due_from(context.now)),)
    back = state.is_held(key, NOT_ATTESTED)
    return (*said, CredentialResumed(key, NOT_ATTESTED)) if back else said
