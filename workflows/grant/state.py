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


@dataclass(frozen=True, slots=True)
class State:
    """`credentials`: id -> whether it lives; `holders`: id -> the account that registered it."""

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

    @property
    def live_credentials(self) -> tuple[str, ...]:
        return tuple(c for c, live in self.credentials.items() if live)


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
    raise TypeError(f"not a grant event: {event!r}")
