"""Reading signed tokens strictly: size first, then shape, then signature by a pinned algorithm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSAlgModel, JWSRegistry
from joserfc.util import urlsafe_b64decode

MOST_BYTES = 8192


class Malformed(Exception):
    """Not a compact JWS with a JSON object inside; the message names the check that failed."""


class _Registry(JWSRegistry):
    """The library's limits of 512 bytes of header and 1,024 of signature are too small for RSA
    keys; `MOST_BYTES` bounds both. Header parameters that nobody knows are ignored, as RFC 7515
    section 4 asks. `EdDSA` is deprecated for naming no curve; our keys pin it."""

    max_header_length = MOST_BYTES
    max_signature_length = MOST_BYTES

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(f"algorithm {name} is not allowed")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class Unverified:
    """Header and claims as they stand there; nothing of it is to be believed yet."""

    text: str
    header: dict[str, Any]
    unverified_claims: dict[str, Any]


def peek(text: str) -> Unverified:
    """Take a compact JWS (RFC 7515 section 3.1) apart without believing it.

    Raises:
        Malformed: over 8 KiB, not three parts, not JSON objects, or with critical extensions.
    """
    if len(text) > MOST_BYTES:
        raise Malformed(f"it is longer than {MOST_BYTES} bytes")
    try:
        found = jws.extract_compact(text.encode("ascii"), registry=_Registry())
        claims = json.loads(found.payload, object_pairs_hook=_unique)
        header = json.loads(urlsafe_b64decode(found.segments["header"]), object_pairs_hook=_unique)
        json.dumps([header, claims], ensure_ascii=False).encode()  # no half characters
    except (JoseError, ValueError, RecursionError, UnicodeEncodeError, TypeError, KeyError):
        raise Malformed("it is not a signed JSON web token") from None
    if not isinstance(claims, dict) or not isinstance(header, dict):
        raise Malformed("its claims are not an object")
    if "crit" in header:
        raise Malformed("it has critical extensions that are not known here")
    return Unverified(text, dict(header), claims)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def verified(token: Unverified, key: Any, alg: str) -> dict[str, Any] | None:
    """The claims, if the signature is the key's by just this algorithm; else None."""
    allowed = ["EdDSA", "Ed25519"] if alg == "Ed25519" else [alg]
    if token.header.get("alg") not in allowed:
        return None
    registry = _Registry(algorithms=allowed, strict_check_header=False)
    try:
        jws.deserialize_compact(token.text.encode("ascii"), key, registry=registry)
    except (JoseError, ValueError, TypeError):
        return None
    return token.unverified_claims


def whole_number(claims: dict[str, Any], name: str) -> int | None:
    """A NumericDate claim (RFC 7519 section 2) in whole seconds; None when absent or odd."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 1 << 40 else None
