"""What can have happened to one of the issuer's own keys; the private half is never here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Created:
    """A key pair exists and its public half is published; it does not sign yet.

    `kid` is the RFC 7638 thumbprint, `jwk` the public key (RFC 7517) as member -> text.
    """

    kid: str
    purpose: str
    alg: str
    jwk: dict[str, str]


@dataclass(frozen=True, slots=True)
class Activated:
    """From now on this key signs for its purpose."""


@dataclass(frozen=True, slots=True)
class Retired:
    """The key signs no more; it stays published until every token of its own has expired."""

    publish_until: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The private half is gone and the public half unpublished."""

    reason: str
