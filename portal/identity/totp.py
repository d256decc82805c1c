"""Codes from an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds) and recovery codes."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from hmac import compare_digest

import pyotp
import segno

from portal import clock, vault

SECONDS = 30
SKEW_STEPS = 1
ISSUER = "Trusted Access Portal"


def new_key() -> str:
    """160 random bits in base32 (RFC 4226 section 4, requirement 6)."""
    return pyotp.random_base32(32)


def plain(typed: str) -> str:
    """A code as it is compared: digits of every script as ASCII, without spaces and hyphens.

    This comes before anything is looked up or remembered, so that no second spelling of a code
    that was used is taken for another code.
    """
    found = []
    for letter in unicodedata.normalize("NFKC", typed):
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            found.append(str(digit))
        elif not letter.isspace() and unicodedata.category(letter) not in ("Pd", "Cf"):
            found.append(letter.upper())
    return "".join(found)


def step_of(key: str, typed: str) -> int | None:
    """The time step whose code this is, now or one step to either side; None for none of them."""
    code, now = plain(typed), clock.epoch() // SECONDS
    found = None
    for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1):
        if compare_digest(pyotp.HOTP(key).at(step).encode(), code.encode()):
            found = step
    return found


def qr(key: str, address: str) -> str:
    """The app's QR code as a data URI with an SVG in it (otpauth, as every app reads it)."""
    uri = pyotp.TOTP(key).provisioning_uri(name=address, issuer_name=ISSUER)
    uri_of: str = segno.make(uri, error="m", micro=False).svg_data_uri(
        scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return uri_of


def new_recovery_code() -> str:
    """80 random bits, such as "K3JW-QZ5T-2MPA-XB7C"."""
    text = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def recovery_digest(account: str, typed: str) -> str:
    """Keyed, so that whoever reads the table alone cannot try codes against it."""
    return vault.keyed_digest("recovery", f"{account}:{plain(typed)}")
