"""A client that asks for tokens: private_key_jwt (RFC 7523) with DPoP (RFC 9449)."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from trusted_access.encoding import b64
from trusted_access.issuer import TIMEOUT_SECONDS, Issuer
from trusted_access.keys import load_private

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
RENEW_BEFORE_SECONDS = 15


class TokenRefused(Exception):
    """The issuer minted no token; `error` and `description` are its words (RFC 6749 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description = error, description


class TokenClient:
    """Asks for tokens as one registered client.

    Args:
        issuer: the portal's base URL.
        client_id: `cred_...` of a workload, or `svc_...` of a service.
        key: its private key, as JWK (mapping or JSON text) or PEM text.
    """

    def __init__(self, issuer: str, client_id: str, key: Mapping[str, Any] | str) -> None:
        self.client_id = client_id
        self._issuer = Issuer(issuer)
        self._key = load_private(key)
        self._session = requests.Session()
        self._held: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def token(self, *, resource: str, scope: str = "") -> str:
        """A token for a service, kept until shortly before it expires. Raises TokenRefused."""
        with self._lock:
            token, until = self._held.get((resource, scope), ("", 0.0))
            if time.monotonic() < until:
                return token
        return self.fetch(resource=resource, scope=scope)

    def fetch(self, *, resource: str, scope: str = "") -> str:
        """A new token for a service. Raises TokenRefused."""
        url = self._issuer.endpoint("token_endpoint")
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
            "resource": resource,
        }
        if scope:
            form["scope"] = scope
        body = self._post(url, form, {"DPoP": self.proof("POST", url)})
        token, lifetime = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not isinstance(lifetime, int):
            raise TokenRefused("invalid_response", "the issuer's answer holds no token")
        with self._lock:
            until = time.monotonic() + max(0, lifetime - RENEW_BEFORE_SECONDS)
            self._held[resource, scope] = (token, until)
        return token

    def forget(self) -> None:
        """Drop every token that is held, so that the next call asks for a new one."""
        with self._lock:
            self._held.clear()

    def _post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._session.post(
                url, data=form, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
            body = answer.json()
        except (requests.RequestException, ValueError) as failed:
            raise TokenRefused("unavailable", f"{url}: {type(failed).__name__}") from None
        if answer.status_code != 200 or not isinstance(body, dict):
            said = body if isinstance(body, dict) else {}
            raise TokenRefused(
                str(said.get("error", answer.status_code)), str(said.get("error_description", ""))
            )
        return body

    def _assertion(self) -> str:
        now = int(time.time())
        return self._key.jws(
            {"typ": "JWT"},
            {
                "iss": self.client_id,
                "sub": self.client_id,
                "aud": self._issuer.issuer,
                "iat": now,
                "exp": now + ASSERTION_SECONDS,
                "jti": secrets.token_urlsafe(16),
            },
        )

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """A DPoP proof for one request; with a token, for the request that carries it."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0].partition("#")[0],
            "iat": int(time.time()),
        }
        if token is not None:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        return self._key.jws({"typ": "dpop+jwt", "jwk": self._key.public}, claims)
