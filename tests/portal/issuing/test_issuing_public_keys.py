"""Public keys that people paste: what is accepted, and what is refused with a remedy."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk
from sqlalchemy.exc import IntegrityError

from portal.issuing import public_keys
from tests import signing
from workflows.errors import Invalid, Refused

# RFC 7638 section 3.1
EXAMPLE = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJ"
    "ECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Qvz"
    "qY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0"
    "fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
ALGS = {"EC": "ES256", "OKP": "Ed25519", "RSA": "PS256"}


def pem(native: Any) -> str:
    return str(
        native.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    )


def members(key: Any) -> dict[str, str]:
    return dict(key.as_dict(private=False))


def test_thumbprint_is_that_of_the_rfc() -> None:
    """The example key of RFC 7638 has the RFC's thumbprint, and only its public members stay."""
    key = public_keys.parse(json.dumps(EXAMPLE))
    assert key.jkt == THUMBPRINT
    assert key.jwk == {name: EXAMPLE[name] for name in ("kty", "n", "e")}


@pytest.mark.parametrize("kind", ALGS)
def test_jwk_and_pem_are_one_key(kind: str) -> None:
    """The same key as JWK, as PEM and with decoration is accepted as the same key."""
    key = signing.generate(kind)
    text = json.dumps(members(key) | {"use": "sig", "kid": "mine", "x5t": "AAAA"})
    spelled = [text, f"\n  {text}\n", pem(key.private_key), f"\r\n{pem(key.private_key)}  "]
    found = [public_keys.parse(one) for one in spelled]
    assert {one.jkt for one in found} == {key.thumbprint()}
    assert {one.alg for one in found} == {ALGS[kind]}
    assert all(one.jwk == found[0].jwk for one in found)
    assert {"kid", "use", "d", "x5t"}.isdisjoint(found[0].jwk)


@pytest.mark.parametrize(("kind", "names"), [("EC", "xy"), ("RSA", "ne")])
def test_other_spelling_is_no_other_key(kind: str, names: str) -> None:
    """Numbers written with a zero in front are the same key with the same thumbprint."""
    key = signing.generate(kind)
    for name in names:
        text = members(key)[name]
        padded = b"\0" + base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = public_keys.from_members(members(key) | {name: signing.b64(padded)})
        assert found.jkt == key.thumbprint()
        assert found.jwk[name] == text


@pytest.mark.parametrize("kind", ALGS)
def test_private_keys_are_never_echoed(kind: str) -> None:
    """A private key as JWK or PEM is refused, and nothing of it stands in the refusal."""
    key = signing.generate(kind)
    private = key.as_dict(private=True)
    for text in (
        json.dumps(private),
        key.as_pem(private=True).decode(),
        "x" + key.as_pem(private=True).decode(),
    ):
        with pytest.raises(Invalid) as refused:
            public_keys.parse(text)
        assert refused.value.code == "private_key"
        said = f"{refused.value!r} {refused.value.remedy} {refused.value.fields}"
        assert "exposed" in refused.value.remedy
        assert private["d"][:8] not in said
        assert text[60:76] not in said


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "k", "oth"])
def test_each_private_member_betrays_the_key(member: str) -> None:
    """Any one private member makes a JWK a private key."""
    with pytest.raises(Invalid) as refused:
        public_keys.parse(json.dumps(EXAMPLE | {member: "AAAA"}))
    assert refused.value.code == "private_key"


def foreign(label: str) -> str:
    """A public key of an algorithm that nobody knows, or text that is no key."""
    der = bytes.fromhex("300b300506032a030403020000")
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n"


_KIND = "a key of this kind or size is not accepted"
_NUMBERS = "the key's numbers do not make a key"
_NO_KEY = "this is not a public EC, OKP or RSA key"
_NO_PEM = "this PEM holds no public key"
_JSON = "this is not readable JSON"
_NEITHER = "this is neither a JWK nor a PEM"
SMALL = rsa.generate_private_key(65537, 1024)
P384 = jwk.ECKey.generate_key("P-384")
REFUSED = {
    # name -> (text, words)
    "small RSA as PEM": (pem(SMALL), _KIND),
    "small RSA as JWK": (json.dumps(EXAMPLE | {"n": signing.b64(b"\xff" * 128)}), _KIND),
    "RSA beyond 8192 bits": (json.dumps(EXAMPLE | {"n": signing.b64(b"\xff" * 1025)}), _KIND),
    "P-384 as JWK": (json.dumps(members(P384)), _KIND),
    "P-384 as PEM": (pem(P384.private_key), _KIND),
    "secp256k1": (pem(ec.generate_private_key(ec.SECP256K1())), _KIND),
    "X25519": (pem(x25519.X25519PrivateKey.generate()), _KIND),
    "Ed448": (pem(ed448.Ed448PrivateKey.generate()), _KIND),
    "DSA": (pem(dsa.generate_private_key(1024)), _KIND),
    "algorithm nobody knows": (foreign("PUBLIC KEY"), _NO_PEM),
    "certificate": (foreign("CERTIFICATE"), _NO_PEM),
    "empty PEM": ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", _NO_PEM),
    "half a character in a PEM": ("-----BEGIN \ud800", _NO_PEM),
    "oct without its secret": ('{"kty": "oct"}', _NO_KEY),
    "kty is a list": ('{"kty": ["EC"]}', _NO_KEY),
    "a member is missing": ('{"kty": "EC", "crv": "P-256", "x": "AA"}', _NO_KEY),
    "a member is a number": ('{"kty": "EC", "crv": "P-256", "x": "AA", "y": 5}', _NO_KEY),
    "no members": ("{}", _NO_KEY),
    "point off the curve": ('{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}', _NUMBERS),
    "EC curve nobody knows": ('{"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}', _NUMBERS),
    "OKP curve nobody knows": ('{"kty": "OKP", "crv": "Ed1", "x": "AA"}', _NUMBERS),
    "short Ed25519": ('{"kty": "OKP", "crv": "Ed25519", "x": "AA"}', _NUMBERS),
    "even exponent": (json.dumps(EXAMPLE | {"e": "Ag"}), _NUMBERS),
    "no base64": ('{"kty": "OKP", "crv": "Ed25519", "x": "\\ud800 é!"}', _NUMBERS),
    "garbage": ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", _NEITHER),
    "nothing": ("  ", _NEITHER),
    "a list": ("[]", _NEITHER),
    "half JSON": ('{"kty": ', _JSON),
    "deep JSON": ('{"a":' * 1600, _JSON),
    "huge": ("{" * 8193, "the text is longer than 8192 characters"),
}


@pytest.mark.filterwarnings("ignore:Key size should be")  # the library's, in passing
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_accepted_is_told_what_would_be(name: str) -> None:
    """Each key that is not accepted is refused in its own words, with what would be right."""
    text, words = REFUSED[name]
    with pytest.raises(Invalid) as refused:
        public_keys.parse(text)
    wrong = refused.value
    assert (wrong.code, wrong.message) == ("key_not_accepted", words)
    assert "P-256, Ed25519, or RSA of at least 2048 bits" in wrong.remedy
    assert words[1:] in wrong.fields["jwk"]


def test_registered_key_is_not_registered_again_in_other_spelling(world: Any) -> None:
    """A key names one credential for ever, however its numbers are written the second time."""
    again = members(world.workload.key)
    again["x"] = signing.b64(b"\0" + base64.urlsafe_b64decode(again["x"] + "="))

    class Spelled:
        def as_dict(self, *, private: bool) -> dict[str, str]:
            assert not private
            return again

    with pytest.raises((Refused, IntegrityError)):
        signing.register(world.org, world.grant, Spelled())
