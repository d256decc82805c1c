"""Base64url and JSON, strictly: what two parsers could read differently is refused."""

from __future__ import annotations

import binascii
import json
from typing import Any

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# Back to the standard alphabet; its own + and /, and padding, become a letter that no alphabet has.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# The last letter carries bits that mean nothing after 2 letters (4) and after 3 (2): only zeros
# are right. A single letter is no byte.
_LAST: tuple[frozenset[str], ...] = (
    frozenset(_LETTERS),
    frozenset(),
    frozenset(_LETTERS[::16]),
    frozenset(_LETTERS[::4]),
)


def b64(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    text = binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=")
    return text.decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of unpadded base64url. Raises ValueError for anything else."""
    if not text:
        raise ValueError("not base64url")
    try:
        plain = text.encode("ascii").translate(_STANDARD)
        raw = binascii.a2b_base64(plain + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError as wrong:
        raise ValueError("not base64url") from wrong
    if text[-1] not in _LAST[len(text) % 4]:
        raise ValueError("not canonical base64url")
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """A JSON object without duplicate members. Raises ValueError for anything else."""
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_never)
    except RecursionError as deep:
        raise ValueError("nested too deeply") from deep
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _never(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
