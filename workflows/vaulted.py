"""How the ledger speaks of personal text without holding any."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vaulted:
    """A reference to text or a file in the vault.

    Attributes:
        id: `vlt_...`, the item's id.
        digest: hex SHA-256 over salt || content. The salt (128 random bits) lies encrypted with
            the content and dies with its key, so that after an erasure the digest can neither
            be checked nor guessed.
    """

    id: str
    digest: str
