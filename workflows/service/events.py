"""What can have happened to a downstream service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registered:
    """A developer asks for a service to be known: its audience and the scopes that it honors."""

    name: str
    audience: str
    scopes: tuple[str, ...]
    developer: str


@dataclass(frozen=True, slots=True)
class Approved:
    """Tokens for the audience may be minted from now on."""


@dataclass(frozen=True, slots=True)
class KeyRegistered:
    """The key by which the service authenticates itself; `jkt` is the RFC 7638 thumbprint."""

    jkt: str
    jwk: dict[str, str]


@dataclass(frozen=True, slots=True)
class Retired:
    reason: str
