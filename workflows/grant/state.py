"""A grant as its history tells it; its credentials live in the same stream.

So registering a key and losing the grant are ordered by one sequence: no credential can be
registered under a grant that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.grant import events as e

PHASES = ("absent", "active", "suspended", "revoked", "expired")
REASONS = (
    "requested_by_organization", "terms_breached", "credential_exposed", "screening_hit",
    "organization_changed", "under_investigation", "error",
)  # fmt: skip
# Why a key is suspended by itself, whatever its grant is.
NOT_ATTESTED, HOLDER_SUSPENDED = "not_attested", "holder_suspended"


@dataclass(frozen=True, slots=True)
class State:
    """`credentials`: id -> whether it lives; `holders`: id -> the account that registered it;
    `due`: id -> until when it is spoken for; `held`: id -> why it is suspended by itself."""

    id: str = ""
    phase: str = "absent"
    org_id: str = ""
    program: str = ""
    program_version: str = ""
    tier: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: str = ""
    credentials: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    holders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    due: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    held: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def live_credentials(self) -> tuple[str, ...]:
        return tuple(c for c, live in self.credentials.items() if live)

    def live_of(self, account: str) -> tuple[str, ...]:
        """Live credentials that stand in this person's name."""
        return tuple(c for c in self.live_credentials if self.holders[c] == account)

    def is_held(self, credential: str, reason: str) -> bool:
        return reason in self.held.get(credential, ())


def evolve(state: State, event: object) -> State:
    match event:
        case e.Opened():
            return replace(
                state,
                phase="active",
                org_id=event.org_id,
                program=event.program,
                program_version=event.program_version,
                tier=event.tier,
                scopes=event.scopes,
                expires_at=event.expires_at,
            )
        case e.Suspended():
            return replace(state, phase="suspended")
        case e.Resumed():
            return replace(state, phase="active")
        case e.Revoked():
            return replace(state, phase="revoked")
        case e.Expired():
            return replace(state, phase="expired")
        case e.CredentialRegistered(credential=credential, registered_by=holder):
            return replace(
                state,
                credentials={**state.credentials, credential: True},
                holders={**state.holders, credential: holder},
            )
        case e.CredentialRevoked(credential=credential):
            return replace(state, credentials={**state.credentials, credential: False})
    return _attestation(state, event)


def _attestation(state: State, event: object) -> State:
    match event:
        case e.AttestationBegan() | e.CredentialAttested():
            return replace(state, due={**state.due, event.credential: event.due})
        case e.CredentialSuspended(credential=credential, reason=reason):
            held = state.held.get(credential, frozenset()) | {reason}
            return replace(state, held={**state.held, credential: held})
        case e.CredentialResumed(credential=credential, reason=reason):
            held = state.held.get(credential, frozenset()) - {reason}
            return replace(state, held={**state.held, credential: held})
    raise TypeError(f"not a grant event: {event!r}")
