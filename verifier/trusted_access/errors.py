"""Why a token was refused: one base class, a stable code each, and the answer that fits."""

from __future__ import annotations

ALGS = "ES256 PS256 EdDSA Ed25519"


class VerificationError(Exception):
    """A token that must not be honored.

    Attributes:
        code: stable identifier of the check that failed.
        message: one sentence for people; holds no secret and no token.
        status: the HTTP status that fits: 401, 403, or 503 when the issuer cannot be asked.
    """

    code = "invalid_token"
    status = 401
    oauth_error = "invalid_token"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code

    def diagnostics(self) -> str:
        """What happened and what to look at, for a log or a console."""
        return f"{self.code}: {self.message}"

    def challenge(self) -> str:
        """The value of WWW-Authenticate (RFC 9449 section 7.1, RFC 6750 section 3)."""
        return f'DPoP error="{self.oauth_error}", algs="{ALGS}"'


class TokenInvalid(VerificationError):
    """The token is well formed, and wrong: issuer, claims, binding."""


class TokenMalformed(VerificationError):
    """Not a token of the kind that is accepted here."""

    code = "malformed"


class SignatureInvalid(VerificationError):
    """No key of the issuer signed this."""

    code = "signature"


class Expired(VerificationError):
    """The token's time is over, or has not come."""

    code = "expired"


class WrongAudience(VerificationError):
    """The token was made for another service."""

    code = "wrong_audience"


class ProofInvalid(VerificationError):
    """The DPoP proof is missing or does not hold: the sender may not hold the key."""

    code = "proof"
    oauth_error = "invalid_dpop_proof"


class Inactive(VerificationError):
    """The issuer says that the token is not active: revoked, suspended, or expired."""

    code = "inactive"


class PolicyRefused(VerificationError):
    """The token is good, and does not allow this."""

    code = "policy"
    status = 403
    oauth_error = "insufficient_scope"


class KeysUnavailable(VerificationError):
    """The issuer's keys cannot be had, so nothing can be verified: closed, not open."""

    code = "keys_unavailable"
    status = 503


class IntrospectionUnavailable(VerificationError):
    """The issuer cannot be asked about the token: closed, not open."""

    code = "introspection_unavailable"
    status = 503
