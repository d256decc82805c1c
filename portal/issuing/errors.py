"""The issuer's errors, in the words of the RFCs."""

from __future__ import annotations


class OAuthError(Exception):
    """An error answer (RFC 6749 section 5.2 and the RFCs that add codes).

    Attributes:
        error: the code, such as `invalid_client`.
        description: names the check that failed, and nothing else of anybody's.
        status: HTTP status.
        challenge: value of WWW-Authenticate, or "".
    """

    def __init__(
        self, error: str, description: str, *, status: int = 400, challenge: str = ""
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description
        self.status, self.challenge = status, challenge


def invalid_client(description: str) -> OAuthError:
    return OAuthError("invalid_client", description, status=401)


def invalid_proof(description: str) -> OAuthError:
    """RFC 9449 section 5: `invalid_dpop_proof`."""
    return OAuthError("invalid_dpop_proof", description)
