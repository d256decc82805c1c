"""What can have happened to an organization."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Registered:
    """The organization exists, its first member owns it. The name lies in the vault."""

    name: Vaulted
    owner: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    account: str


@dataclass(frozen=True, slots=True)
class DomainClaimed:
    """The organization says that a domain is its own; the token is to be put into its DNS."""

    domain: str
    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class DomainVerified:
    domain: str
    looked_at: str
