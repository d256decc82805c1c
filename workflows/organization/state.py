"""An organization as its history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.organization import events as e

PHASES = ("absent", "active")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed domain: `token` is the TXT record's value, `expires_at` an ISO 8601 UTC time."""

    domain: str
    token: str
    expires_at: str
    verified_at: str = ""


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    domains: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def org_id(self) -> str:
        return self.id


def evolve(state: State, event: object) -> State:
    match event:
        case e.Registered(owner=owner):
            return replace(state, phase="active", members={owner: "owner"})
        case e.MemberJoined(account=account, role=role):
            return replace(state, members={**state.members, account: role})
        case e.MemberRemoved(account=account):
            return replace(state, members={k: v for k, v in state.members.items() if k != account})
        case e.DomainClaimed(domain=domain, token=token, expires_at=expires_at):
            claim = Claim(domain, token, expires_at)
            return replace(state, domains={**state.domains, domain: claim})
        case e.DomainVerified(domain=domain, looked_at=looked_at):
            claim = replace(state.domains[domain], verified_at=looked_at)
            return replace(state, domains={**state.domains, domain: claim})
    raise TypeError(f"not an organization event: {event!r}")
