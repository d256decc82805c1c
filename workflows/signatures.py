"""What a passkey signs when somebody decides, and the proof that it did.

The core says what is signed and that a signature is there; whether it holds is cryptography,
which is checked at the door before the command, and later by anybody from the ledger alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Signature:
    """A WebAuthn assertion with what it takes to check it; bytes as base64url without padding.

    Attributes:
        credential: the passkey's id, as in the account's `PasskeyAdded`.
        public_key: its COSE public key, likewise.
        authenticator_data, client_data, signature: as the browser gave them.
        nonce: 32 random bytes of ours, so that no two challenges are alike.
        rp_id, origin: for whom and where the passkey was asked.
    """

    credential: str
    public_key: str
    authenticator_data: str
    client_data: str
    signature: str
    nonce: str
    rp_id: str
    origin: str


class Decision(Protocol):
    """What `Decide` and `Decided` have in common."""

    @property
    def outcome(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def expires_at(self) -> str: ...
    @property
    def grant_id(self) -> str: ...
    @property
    def letter(self) -> Vaulted: ...
    @property
    def note(self) -> Vaulted | None: ...


def content(application: str, program_version: str, decision: Decision) -> dict[str, object]:
    """The members of what is signed; the challenge is SHA-256 over their canonical JSON || nonce.

    Letter and note enter by their salted digests, so that the content names no person's words.
    """
    return {
        "application": application,
        "program_version": program_version,
        "outcome": decision.outcome,
        "scopes": list(decision.scopes),
        "reasons": list(decision.reasons),
        "expires_at": decision.expires_at,
        "grant_id": decision.grant_id,
        "letter": decision.letter.digest,
        "note": decision.note.digest if decision.note else None,
    }
