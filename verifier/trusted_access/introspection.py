"""Asking the issuer about a token (RFC 7662), as a service with a key of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from trusted_access.client import TokenClient, TokenRefused
from trusted_access.errors import IntrospectionUnavailable, KeysUnavailable
from trusted_access.issuer import TIMEOUT_SECONDS, Issuer

SCOPE = "introspect"


class Introspector:
    """Asks on behalf of one service; there is no shared secret.

    Args:
        issuer: the portal's base URL.
        client_id: `svc_...`.
        key: the service's private key, as JWK or PEM.
    """

    def __init__(self, issuer: str, client_id: str, key: Mapping[str, Any] | str) -> None:
        self._issuer = Issuer(issuer)
        self._client = TokenClient(issuer, client_id, key)
        self._session = requests.Session()

    def active(self, token: str) -> dict[str, Any]:
        """The issuer's answer, as it came; `active` is True or False.

        Raises:
            IntrospectionUnavailable: there is no answer to go by, so the token counts for
                nothing.
        """
        try:
            answer = self._ask(token)
            if answer.status_code == 401:  # our own token may have been revoked or outlived
                self._client.forget()
                answer = self._ask(token)
            body = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, TokenRefused, KeysUnavailable, ValueError) as failed:
            raise IntrospectionUnavailable(
                f"the issuer cannot be asked: {type(failed).__name__}: {failed}"
            ) from None
        if not isinstance(body, dict) or not isinstance(body.get("active"), bool):
            raise IntrospectionUnavailable(f"the issuer answered {answer.status_code}")
        return body

    def _ask(self, token: str) -> requests.Response:
        url = self._issuer.endpoint("introspection_endpoint")
        own = self._client.token(resource=self._issuer.issuer, scope=SCOPE)
        return self._session.post(
            url,
            data={"token": token, "token_type_hint": "access_token"},
            headers={
                "Authorization": f"DPoP {own}",
                "DPoP": self._client.proof("POST", url, own),
                "Accept": "application/json",
            },
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
