"""How the portal proves itself to an organization's provider.

Each organization has a key of its own: a provider that names another's token endpoint as its own
would else be handed a proof that is good there (RFC 9700 section 4.4).
"""

from __future__ import annotations

import json
from typing import Any

from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwk

from portal import clock
from portal.desk import client_secrets
from portal.identity.providers import Provider
from workflows.errors import NotVouched

PRIVATE_KEY_JWT, CLIENT_SECRET = "private_key_jwt", "client_secret"
ALG = "RS256"  # what nearly every provider takes
BITS = 2048
ASSERTION_SECONDS = 60


def make(org_id: str) -> None:
    """Make the organization's key pair, unless it has one."""
    if client_secrets.public(org_id, PRIVATE_KEY_JWT):
        return
    key = jwk.RSAKey.generate_key(BITS)
    shown = {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": ALG, "use": "sig"}
    private = json.dumps(key.as_dict(private=True))
    client_secrets.keep(org_id, PRIVATE_KEY_JWT, private, json.dumps(shown))


def published(org_id: str) -> dict[str, Any]:
    """The JWK Set (RFC 7517 section 5) for the organization's provider; empty without a key."""
    public = client_secrets.public(org_id, PRIVATE_KEY_JWT)
    return {"keys": [json.loads(public)] if public else []}


def proof(row: Any, provider: Provider) -> dict[str, Any]:
    """Arguments of Authlib's session for the configured way."""
    secret = client_secrets.secret(row.org_id, row.authentication)
    if secret is None:
        raise NotVouched(
            "the portal has nothing to prove itself with to your organization's provider",
            code="no_client_secret",
            remedy="an admin of your organization configures single sign-on again",
        )
    if row.authentication == PRIVATE_KEY_JWT:
        key = jwk.import_key(json.loads(secret))
        return {"client_secret": key, "token_endpoint_auth_method": PRIVATE_KEY_JWT}
    offered = provider.authentications
    only_post = "client_secret_post" in offered and "client_secret_basic" not in offered
    method = "client_secret_post" if only_post else "client_secret_basic"
    return {"client_secret": secret, "token_endpoint_auth_method": method}


def teach(session: Any, provider: Provider) -> None:
    """Teach the session to sign assertions (RFC 7523 section 3), each good for a minute."""
    if session.token_endpoint_auth_method == PRIVATE_KEY_JWT:
        session.register_client_auth_method(
            PrivateKeyJWT(
                provider.token_endpoint,
                claims={"exp": clock.epoch() + ASSERTION_SECONDS},
                headers={"kid": session.client_secret.thumbprint()},
                alg=ALG,
            )
        )
