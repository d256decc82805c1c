"""Register a workload's public key under a grant."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow
from workflows.grant.events import CredentialRegistered
from workflows.grant.state import State
from workflows.vaulted import Vaulted

MOST_LIVE = 20


@dataclass(frozen=True, slots=True)
class RegisterCredential:
    """`jwk` has passed `portal.issuing.keys`: a public key of an accepted kind, nothing else."""

    stream: str
    credential: str
    jkt: str
    jwk: dict[str, str]
    label: Vaulted


def reads(state: State, command: RegisterCredential) -> tuple[str, ...]:
    return (state.org_id,)


def decide(state: State, command: RegisterCredential, context: Context) -> tuple[object, ...]:
    organization = context.others[state.org_id]
    if context.actor.id not in organization.members:
        # They were when the request came in, and left or were removed since.
        raise NotAllowed("you are no longer a member of this organization")
    if context.actor.id in organization.attested.suspended:  # since, likewise
        raise NotAllowed("your membership is suspended", remedy="ask its owner or an admin")
    if calendar.iso(context.now) >= state.expires_at:  # the clock that ends it may be late
        raise NotNow("the grant has reached its end", remedy="apply again to renew it")
    if len(state.live_credentials) >= MOST_LIVE:
        raise NotNow(
            f"a grant holds {MOST_LIVE} live credentials at most",
            code="too_many_credentials",
            remedy="revoke one that is not used",
        )
    return (
        CredentialRegistered(
            credential=command.credential,
            jkt=command.jkt,
            jwk=command.jwk,
            label=command.label,
            registered_by=context.actor.id,
        ),
    )
