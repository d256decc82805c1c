"""Discovery: server metadata (RFC 8414) and the key set (RFC 7517)."""

from __future__ import annotations

from flask import Response, jsonify

from portal.guard import PUBLIC
from portal.installation import settings
from portal.issuing import clients, dpop, keyring
from portal.zones.issuer.zone import zone
from workflows.actors import Strength

CACHE = "public, max-age=300"


@zone.route_for("/.well-known/oauth-authorization-server", PUBLIC, strength=Strength.NONE)
def metadata() -> Response:
    issuer = settings().base_url
    response = jsonify(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "jwks_uri": f"{issuer}/oauth/jwks.json",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(dpop.ALGS),
            "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": list(dpop.ALGS),
            "introspection_endpoint_auth_methods_supported": ["DPoP"],
            "dpop_signing_alg_values_supported": list(dpop.ALGS),
            "authorization_details_types_supported": ["trusted_access"],
            "service_documentation": f"{issuer}/",
            "client_assertion_max_seconds": clients.ASSERTION_MOST_SECONDS,
        }
    )
    response.headers["Cache-Control"] = CACHE
    return response


@zone.route_for("/oauth/jwks.json", PUBLIC, strength=Strength.NONE)
def jwks() -> Response:
    response = jsonify(keyring.jwks())
    response.headers["Cache-Control"] = CACHE
    response.headers["Content-Type"] = "application/jwk-set+json"
    return response
