"""What can have happened to a grant and the credentials under it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Opened:
    """The decision became access: what, for whom, until when (ISO 8601 UTC)."""

    org_id: str
    application: str
    program: str
    program_version: str
    tier: str
    scopes: tuple[str, ...]
    expires_at: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """Access is held back, reversibly. `reason` is a code, the note lies in the vault."""

    reason: str
    note: Vaulted | None


@dataclass(frozen=True, slots=True)
class Resumed:
    note: Vaulted | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """Access is taken away for good, with every credential under it."""

    reason: str
    note: Vaulted | None


@dataclass(frozen=True, slots=True)
class Expired:
    """The grant's end came."""


@dataclass(frozen=True, slots=True)
class CredentialRegistered:
    """A workload's public key may ask for tokens under this grant.

    `jkt` is the key's RFC 7638 thumbprint, `jwk` its public members, `audiences` is not kept:
    a token is minted for any approved service that honors one of the grant's scopes.
    """

    credential: str
    jkt: str
    jwk: dict[str, str]
    label: Vaulted
    registered_by: str


@dataclass(frozen=True, slots=True)
class CredentialRevoked:
    credential: str
    reason: str


@dataclass(frozen=True, slots=True)
class AttestationBegan:
    """From now on it is counted how long a key was spoken for; `due` is ISO 8601 UTC."""

    credential: str
    due: str


@dataclass(frozen=True, slots=True)
class CredentialAttested:
    """An owner or admin said that the key is still used; it counts until `due`."""

    credential: str
    due: str


@dataclass(frozen=True, slots=True)
class CredentialSuspended:
    """The key gets no token, reversibly: nobody spoke for it (`not_attested`) or for the person
    in whose name it stands (`holder_suspended`). Each reason is lifted by itself."""

    credential: str
    reason: str


@dataclass(frozen=True, slots=True)
class CredentialResumed:
    """One of the reasons is gone; the key works again when no other is left."""

    credential: str
    reason: str
