"""Hashes of passwords: Argon2id, RFC 9106 section 4, second recommended option."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each takes 64 MiB and every core: more at once only slow each other down and fill the memory.
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(text: str) -> str:
    with _AT_ONCE:
        return HASHER.hash(text)


def matches(stored: str, text: str) -> bool:
    with _AT_ONCE:
        try:
            return HASHER.verify(stored, text)
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(stored)
