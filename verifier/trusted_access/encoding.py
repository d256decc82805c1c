"""Base64url and JSON, strictly: what two parsers could read differently is refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")


def b64(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of unpadded base64url. Raises ValueError for anything else."""
    if not _BASE64URL.match(text):
        raise ValueError("not base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as wrong:
        raise ValueError("not base64url") from wrong
    if b64(raw) != text:
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
