"""Discovery: what a client that knows the issuer alone finds, and that it is there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from portal.extensions import db
from portal.issuing.dpop import ALGS
from tests.conftest import make_app, make_settings

METADATA = "/.well-known/oauth-authorization-server"


def test_metadata_says_what_the_issuer_does(app: Flask) -> None:
    """The metadata of RFC 8414 is complete, and its issuer is the base URL itself."""
    answer = app.test_client().get(METADATA)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    issuer = "http://localhost:8000"
    assert answer.json == {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGS),
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGS),
        "introspection_endpoint_auth_methods_supported": ["DPoP"],
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA", "Ed25519"],
        "authorization_details_types_supported": ["trusted_access"],
        "service_documentation": f"{issuer}/",
        "client_assertion_max_seconds": 300,
    }


def test_every_endpoint_is_there(app: Flask) -> None:
    """Each URL of the metadata leads to a route of the portal, by the method of its RFC."""
    found = app.test_client().get(METADATA).json
    urls = app.url_map.bind("localhost:8000")
    for name, method in {"token_endpoint": "POST", "introspection_endpoint": "POST",
                         "revocation_endpoint": "POST", "jwks_uri": "GET"}.items():  # fmt: skip
        endpoint, _ = urls.match(urlsplit(found[name]).path, method)
        assert endpoint.startswith("issuer."), name


def test_issuer_follows_the_base_url(tmp_path: Path) -> None:
    """An installation elsewhere names itself in the metadata, without a slash at the end."""
    app = make_app(make_settings(tmp_path, base_url="https://portal.example/"))
    found = app.test_client().get(METADATA).json
    assert found["issuer"] == "https://portal.example"
    assert found["token_endpoint"] == "https://portal.example/oauth/token"
    with app.app_context():
        db.engine.dispose()


def test_key_set_has_its_own_media_type(app: Flask) -> None:
    """The key set is served as application/jwk-set+json (RFC 7517 section 8.5.1)."""
    answer = app.test_client().get("/oauth/jwks.json")
    assert (answer.status_code, answer.content_type) == (200, "application/jwk-set+json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_endpoints_take_posts_alone(app: Flask, endpoint: str) -> None:
    """The three endpoints refuse GET, so that no secret stands in a URL."""
    assert app.test_client().get(f"/oauth/{endpoint}").status_code == 405
