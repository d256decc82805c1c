"""DPoP proofs (RFC 9449): the one who sends the request holds the key."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from sqlalchemy import Connection

from portal import clock
from portal.desk import replays
from portal.issuing import jwt, public_keys
from portal.issuing.errors import invalid_proof
from workflows.errors import Invalid

AGE_MOST_SECONDS = 60
SKEW_SECONDS = 30
ALGS = ("ES256", "PS256", "EdDSA", "Ed25519")


def check(
    connection: Connection, proofs: list[str], method: str, url: str, *, token: str = ""
) -> str:
    """Verify the one proof of a request (RFC 9449 section 4.3) and spend its `jti`.

    Args:
        proofs: every DPoP header of the request; just one is right.
        token: the access token that goes with it; its hash must be in the proof.

    Returns:
        The RFC 7638 thumbprint of the key that signed it.

    Raises:
        OAuthError: `invalid_dpop_proof`, naming the check that failed.
    """
    if len(proofs) != 1:
        raise invalid_proof("the request needs exactly one DPoP header")
    try:
        proof = jwt.peek(proofs[0])
    except jwt.Malformed as malformed:
        raise invalid_proof(f"the proof cannot be read: {malformed}") from None
    if proof.header.get("typ") != "dpop+jwt":
        raise invalid_proof("typ of the proof must be dpop+jwt")
    thumbprint = _signed_by(proof)
    claims = proof.unverified_claims
    if claims.get("htm") != method:
        raise invalid_proof(f"htm of the proof must be {method}")
    if not isinstance(claims.get("htu"), str) or _normal(claims["htu"]) != _normal(url):
        raise invalid_proof(f"htu of the proof must be {url}")
    issued, now = jwt.whole_number(claims, "iat"), clock.epoch()
    if issued is None or not now - AGE_MOST_SECONDS <= issued <= now + SKEW_SECONDS:
        raise invalid_proof(f"iat of the proof must lie within {AGE_MOST_SECONDS} seconds of now")
    if token and claims.get("ath") != _hash(token):
        raise invalid_proof("ath of the proof must be the hash of the access token")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise invalid_proof("the proof needs a jti of 1 to 256 characters")
    expires = issued + AGE_MOST_SECONDS + SKEW_SECONDS
    if not replays.first_time(connection, "dpop", thumbprint, jti, expires=expires):
        raise invalid_proof("the proof was used before; sign a new one for each request")
    return thumbprint


def _signed_by(proof: jwt.Unverified) -> str:
    members = proof.header.get("jwk")
    if not isinstance(members, dict):
        raise invalid_proof("the proof's header needs the public key as jwk")
    try:
        key = public_keys.from_members(members)
    except Invalid as refused:
        raise invalid_proof(f"the proof's key is not accepted: {refused.message}") from None
    if jwt.verified(proof, public_keys.loaded(key), key.alg) is None:
        raise invalid_proof("the proof is not signed by the key in its header")
    return key.jkt


def _normal(url: str) -> tuple[str, str, str]:
    """Scheme, authority and path; query and fragment do not count (RFC 9449 section 4.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ("", "", "")
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = (parts.hostname or "") + (f":{port}" if port and port != default else "")
    return (parts.scheme, host, parts.path or "/")


def _hash(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
