"""DPoP proofs at the resource server (RFC 9449 section 4.3 and 7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from trusted_access import jws, keys
from trusted_access.encoding import b64
from trusted_access.errors import ProofInvalid, TokenMalformed
from trusted_access.replay import ReplayStore

WINDOW_SECONDS = 60


def check(
    proof: str,
    *,
    method: str,
    url: str,
    token: str,
    jkt: str,
    now: float,
    leeway: int,
    store: ReplayStore,
) -> None:
    """Verify that the sender of this request holds the key that the token names.

    Raises:
        ProofInvalid: naming the check that failed.
    """
    try:
        parsed = jws.parse(proof)
    except TokenMalformed as malformed:
        raise ProofInvalid(f"the proof cannot be read: {malformed.message}") from None
    if parsed.header.get("typ") != "dpop+jwt":
        raise ProofInvalid("typ of the proof is not dpop+jwt")
    key = _key(parsed.header)
    if not hmac.compare_digest(key.thumbprint, jkt):
        raise ProofInvalid("the proof is by another key than the one that the token is bound to")
    if not key.verifies(parsed.signed, parsed.signature):
        raise ProofInvalid("the proof is not signed by the key in its header")
    claims = parsed.unverified_claims
    _check_request(claims, method, url, token)
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int):
        raise ProofInvalid("the proof has no iat")
    if not now - WINDOW_SECONDS - leeway <= issued <= now + leeway:
        raise ProofInvalid("the proof is too old, or from the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise ProofInvalid("the proof has no jti")
    # The store outlives the window by the skew that is allowed, or a gap would stay open.
    expires = issued + WINDOW_SECONDS + 2 * leeway
    if not store.first_time(f"{key.thumbprint}:{jti}", expires, now):
        raise ProofInvalid("the proof was used before")


def _key(header: Mapping[str, Any]) -> keys.PublicKey:
    members = header.get("jwk")
    if not isinstance(members, dict) or not all(isinstance(v, str) for v in members.values()):
        raise ProofInvalid("the proof's header has no public key")
    try:
        key = _loaded(tuple(sorted(members.items())))
    except ValueError as wrong:
        raise ProofInvalid(f"the proof's key is not accepted: {wrong}") from None
    if header.get("alg") not in key.algs:
        raise ProofInvalid("alg of the proof does not fit its key")
    return key


@lru_cache(maxsize=1024)
def _loaded(members: tuple[tuple[str, str], ...]) -> keys.PublicKey:
    return keys.load_public(dict(members))


def _check_request(claims: dict[str, Any], method: str, url: str, token: str) -> None:
    if claims.get("htm") != method:
        raise ProofInvalid(f"the proof is not for {method}")
    htu = claims.get("htu")
    if not isinstance(htu, str) or normal(htu) != normal(url):
        raise ProofInvalid("the proof is for another URL")
    expected = b64(hashlib.sha256(token.encode()).digest())
    ath = claims.get("ath")
    if not isinstance(ath, str) or not hmac.compare_digest(ath, expected):
        raise ProofInvalid("the proof is not for this token")


def normal(url: str) -> tuple[str, str, str]:
    """Scheme, authority and path; without query and fragment (RFC 9449 section 4.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ("", url, "")
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = parts.hostname or ""
    return (parts.scheme, f"{host}:{port}" if port and port != default else host, parts.path or "/")
