"""Keys as JWK (RFC 7517): which algorithm each kind dictates, verifying and signing with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from trusted_access.encoding import b64, unb64

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_ES256 = ec.ECDSA(hashes.SHA256())
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
_EDDSA = frozenset({"EdDSA", "Ed25519"})

Native = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A loaded key. `algs` are the names under which its one algorithm may stand in a header."""

    native: Native
    algs: frozenset[str]
    thumbprint: str

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `signed`."""
        try:
            if isinstance(self.native, ec.EllipticCurvePublicKey):
                if len(signature) != 64:
                    return False
                r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
                self.native.verify(encode_dss_signature(r, s), signed, _ES256)
            elif isinstance(self.native, ed25519.Ed25519PublicKey):
                self.native.verify(signature, signed)
            else:
                self.native.verify(signature, signed, _PSS, hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def load_public(jwk: Mapping[str, Any]) -> PublicKey:
    """A public key from its JWK: EC P-256, OKP Ed25519, or RSA of 2048 to 8192 bits.

    Raises:
        ValueError: private members, another kind, or numbers that make no key.
    """
    if PRIVATE_MEMBERS & set(jwk):
        raise ValueError("the key has private members")
    match jwk:
        case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y)}:
            numbers = ec.EllipticCurvePublicNumbers(
                int.from_bytes(_sized(x, 32)), int.from_bytes(_sized(y, 32)), ec.SECP256R1()
            )
            return PublicKey(numbers.public_key(), frozenset({"ES256"}), thumbprint(jwk))
        case {"kty": "OKP", "crv": "Ed25519", "x": str(x)}:
            native = ed25519.Ed25519PublicKey.from_public_bytes(_sized(x, 32))
            return PublicKey(native, _EDDSA, thumbprint(jwk))
        case {"kty": "RSA", "n": str(n), "e": str(e)}:
            modulus = int.from_bytes(unb64(n))
            if not 2048 <= modulus.bit_length() <= 8192:
                raise ValueError("an RSA key has 2048 to 8192 bits")
            key = rsa.RSAPublicNumbers(int.from_bytes(unb64(e)), modulus).public_key()
            return PublicKey(key, frozenset({"PS256"}), thumbprint(jwk))
    raise ValueError("not an EC P-256, Ed25519 or RSA public key")


def _sized(text: str, size: int) -> bytes:
    raw = unb64(text)
    if len(raw) != size:
        raise ValueError(f"a coordinate has {size} bytes")
    return raw


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638 thumbprint by SHA-256, base64url."""
    names = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
    members = {name: jwk[name] for name in names[jwk["kty"]]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with what its signatures need: `alg`, and its public JWK."""

    native: Private
    alg: str
    public: dict[str, str]

    def sign(self, content: bytes) -> bytes:
        """A JWS signature over `content` (RFC 7518 section 3, RFC 8037 section 3.1)."""
        if isinstance(self.native, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.native.sign(content, _ES256))
            return r.to_bytes(32) + s.to_bytes(32)
        if isinstance(self.native, ed25519.Ed25519PrivateKey):
            return self.native.sign(content)
        return self.native.sign(content, _PSS, hashes.SHA256())

    def jws(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A compact JWS with `alg` in its header."""
        parts = [b64(json.dumps(p).encode()) for p in ({"alg": self.alg, **header}, claims)]
        signed = ".".join(parts)
        return f"{signed}.{b64(self.sign(signed.encode()))}"


def load_private(key: Mapping[str, Any] | str) -> SigningKey:
    """A signing key from a private JWK (mapping or JSON text) or a PEM text.

    Raises:
        ValueError: not a private key of an accepted kind.
    """
    if isinstance(key, str) and key.lstrip().startswith("-----BEGIN"):
        return _signing(load_pem_private_key(key.encode(), None))
    jwk: Mapping[str, Any] = json.loads(key) if isinstance(key, str) else key
    match jwk:
        case {"kty": "EC", "crv": "P-256", "d": str(d)}:
            return _signing(ec.derive_private_key(int.from_bytes(unb64(d)), ec.SECP256R1()))
        case {"kty": "OKP", "crv": "Ed25519", "d": str(d)}:
            return _signing(ed25519.Ed25519PrivateKey.from_private_bytes(unb64(d)))
        case {"kty": "RSA", "n": str(n), "e": str(e), "d": str(d)}:
            modulus, exponent, private = (int.from_bytes(unb64(v)) for v in (n, e, d))
            p, q = rsa.rsa_recover_prime_factors(modulus, exponent, private)
            numbers = rsa.RSAPrivateNumbers(
                p, q, private, rsa.rsa_crt_dmp1(private, p), rsa.rsa_crt_dmq1(private, q),
                rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(exponent, modulus),
            )  # fmt: skip
            return _signing(numbers.private_key())
    raise ValueError("not a private EC P-256, Ed25519 or RSA key")


def _signing(native: Any) -> SigningKey:
    if isinstance(native, ec.EllipticCurvePrivateKey) and isinstance(native.curve, ec.SECP256R1):
        point = native.public_key().public_numbers()
        x, y = (b64(v.to_bytes(32)) for v in (point.x, point.y))
        return SigningKey(native, "ES256", {"kty": "EC", "crv": "P-256", "x": x, "y": y})
    if isinstance(native, ed25519.Ed25519PrivateKey):
        raw = native.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return SigningKey(native, "EdDSA", {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)})
    if isinstance(native, rsa.RSAPrivateKey):
        numbers = native.public_key().public_numbers()
        n, e = (b64(v.to_bytes((v.bit_length() + 7) // 8)) for v in (numbers.n, numbers.e))
        return SigningKey(native, "PS256", {"kty": "RSA", "n": n, "e": e})
    raise ValueError("not a private EC P-256, Ed25519 or RSA key")
