"""Public keys that people and services register: what is accepted, and by which algorithm.

`alg` is a property of the key, never of a token that is presented (RFC 8725 section 3.1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from joserfc import jwk
from joserfc.errors import JoseError

from workflows.errors import Invalid

MOST_CHARACTERS = 8192
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_PUBLIC = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`jwk` holds the members of RFC 7638's thumbprint alone, `jkt` is that thumbprint."""

    jwk: dict[str, str]
    jkt: str
    alg: str


def parse(text: str) -> PublicKey:
    """A public key from a JWK (RFC 7517) or PEM (RFC 7468) text.

    Accepted: EC P-256 (ES256), Ed25519 (Ed25519), RSA of 2048 to 8192 bits (PS256).

    Raises:
        Invalid: with what was found and what would be right; a private key is never echoed.
    """
    text = text.strip()
    if len(text) > MOST_CHARACTERS:
        raise _wrong(f"the text is longer than {MOST_CHARACTERS} characters")
    if "PRIVATE KEY" in text:
        raise _private()
    if text.startswith("-----BEGIN"):
        return _from_pem(text)
    if not text.startswith("{"):
        raise _wrong("this is neither a JWK nor a PEM")
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("this is not readable JSON") from None
    return from_members(members)


def loaded(key: PublicKey) -> Any:
    """The key as joserfc takes it."""
    members: dict[str, Any] = dict(key.jwk)
    return jwk.import_key(members)


def from_members(members: dict[str, Any]) -> PublicKey:
    """A public key from the members of a JWK."""
    if _PRIVATE & set(members):
        raise _private()
    kind = members.get("kty")
    names = _PUBLIC.get(kind) if isinstance(kind, str) else None
    if names is None or not all(isinstance(members.get(n), str) for n in names):
        raise _wrong("this is not a public EC, OKP or RSA key")
    public = {n: members[n] for n in names}
    try:
        native = jwk.import_key(public).public_key
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        raise _wrong("the key's numbers do not make a key") from None
    return _from_native(native)


def _from_pem(text: str) -> PublicKey:
    try:
        native = load_pem_public_key(text.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _wrong("this PEM holds no public key") from None
    return _from_native(native)


def _from_native(native: Any) -> PublicKey:
    """Written anew from the key's numbers: other spellings of one key have one thumbprint."""
    alg = _alg(native)
    kind = {"ES256": "EC", "Ed25519": "OKP", "PS256": "RSA"}[alg]
    pem = native.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key: Any = jwk.import_key(pem, kind)  # type: ignore[call-overload]
    members = key.as_dict(private=False)
    return PublicKey({n: members[n] for n in _PUBLIC[kind]}, key.thumbprint(), alg)


def _alg(native: Any) -> str:
    match native:
        case ec.EllipticCurvePublicKey() if isinstance(native.curve, ec.SECP256R1):
            return "ES256"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case rsa.RSAPublicKey() if 2048 <= native.key_size <= 8192:
            return "PS256"
    raise _wrong("a key of this kind or size is not accepted")


def _wrong(what: str) -> Invalid:
    return Invalid(
        what,
        code="key_not_accepted",
        remedy="paste a public key as JWK or PEM: P-256, Ed25519, or RSA of at least 2048 bits",
        fields={"jwk": f"{what[0].upper()}{what[1:]}. Paste a public P-256, Ed25519 or RSA key."},
    )


def _private() -> Invalid:
    return Invalid(
        "this is a private key",
        code="private_key",
        remedy="keep it to yourself, and treat it as exposed if you sent it anywhere; "
        "paste the public key",
        fields={"jwk": "This is a private key. Paste the public key, and make a new pair."},
    )
