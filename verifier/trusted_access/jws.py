"""Compact JWS (RFC 7515 section 3.1), taken apart without believing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from trusted_access.encoding import json_object, unb64
from trusted_access.errors import TokenMalformed

MOST_BYTES = 8192


class Unverified(NamedTuple):
    """The parts of a JWS. Nothing in it may be used before its signature was verified."""

    header: Mapping[str, Any]
    unverified_claims: dict[str, Any]
    signed: bytes
    signature: bytes


@lru_cache(maxsize=1024)
def _header(segment: str) -> Mapping[str, Any]:
    """A header's members. Tokens of one key share it to the letter, so that it is read once."""
    return MappingProxyType(json_object(unb64(segment)))


def parse(token: str) -> Unverified:
    """Take a token apart.

    Raises:
        TokenMalformed: over 8 KiB (before anything is parsed), not three parts of canonical
            base64url, not JSON objects, duplicate members, or critical extensions.
    """
    if len(token) > MOST_BYTES:
        raise TokenMalformed(f"the token is longer than {MOST_BYTES} bytes", "too_long")
    first, dot, rest = token.partition(".")
    second, dot2, third = rest.partition(".")
    if not dot or not dot2 or "." in third:
        raise TokenMalformed("the token is not three parts with dots between")
    try:
        header = _header(first)
        claims = json_object(unb64(second))
        signature = unb64(third)
    except ValueError as wrong:
        raise TokenMalformed(f"the token cannot be read: {wrong}") from None
    if "crit" in header:
        raise TokenMalformed("the token has critical extensions that are not known here", "crit")
    return Unverified(header, claims, f"{first}.{second}".encode(), signature)
