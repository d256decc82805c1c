"""Envelope encryption: AES-256-GCM data keys, wrapped by one key from a file or the environment.

NIST SP 800-38D: 96-bit random nonces; every data key encrypts far fewer than 2**32 items. What
a ciphertext belongs to is bound to it as associated data, so that rows cannot be swapped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


class VaultKeyInvalid(Exception):
    """The wrapping key is missing, malformed, or not the one that this vault was made with."""


def new_key_text() -> str:
    """A fresh wrapping key as the text that the key file holds."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_wrapping_key(text: str, path: Path | None) -> bytes:
    """The 32 bytes from the setting's text, else from the file.

    Raises:
        VaultKeyInvalid: with the file or setting, and how to mend it.
    """
    where = "PORTAL_VAULT_KEY" if text else str(path)
    if not text:
        if path is None or not path.is_file():
            raise VaultKeyInvalid(
                f"{where}: the vault's key is missing; run `portal init` for a new installation, "
                "or put the key of this one back from its backup"
            )
        text = path.read_text().strip()
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultKeyInvalid(f"{where}: not a vault key; 32 bytes in base64url would be right")
    return key


def encrypt(key: bytes, content: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to.encode())


def decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """Raises VaultKeyInvalid when the key is another one or the ciphertext was altered."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        raise VaultKeyInvalid(
            f"{bound_to}: the vault's key does not open this; "
            "check that the key file belongs to this data folder"
        ) from None


def derive(key: bytes, purpose: str) -> bytes:
    """A key for another purpose from the wrapping key (HMAC-SHA-256 as a PRF, SP 800-108)."""
    return hmac.new(key, b"trusted-access-portal/" + purpose.encode(), hashlib.sha256).digest()
