"""An OAuth client that nobody here wrote, against the real portal on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from requests_oauth2client import (
    DPoPKey,
    DPoPToken,
    InvalidClient,
    InvalidScope,
    InvalidTarget,
    OAuth2Client,
    PrivateKeyJwt,
)
from werkzeug.serving import make_server

from portal.extensions import db
from portal.ledger import perform
from tests import builders, signing
from tests.conftest import make_app, make_settings
from tests.signing import API, Machine
from workflows.grant.commands.revoke import Revoke


@dataclass(slots=True)
class Site:
    url: str
    app: Flask
    people: builders.Staff
    grant: str
    credential: str
    key: Any
    service: Machine

    def client(self) -> OAuth2Client:
        """The library's client, by discovery; it names the issuer as its assertion's audience."""
        private = self.key.as_dict(private=True) | {"kid": self.key.thumbprint()}
        return OAuth2Client.from_discovery_endpoint(
            f"{self.url}/.well-known/oauth-authorization-server",
            issuer=self.url,
            auth=PrivateKeyJwt(self.credential, private, alg="ES256", aud=self.url),
            dpop_bound_access_tokens=True,
            testing=True,  # plain http on loopback
        )

    def introspect(self, token: str) -> dict[str, Any]:
        """Ask over the wire, as the service that the token is for."""
        own = requests.post(
            f"{self.url}/oauth/token",
            data=self.service.form(resource=self.url),
            headers={"DPoP": self.service.proof()},
            timeout=10,
        ).json()["access_token"]
        answer = requests.post(
            f"{self.url}/oauth/introspect",
            data={"token": token},
            headers={
                "Authorization": f"DPoP {own}",
                "DPoP": self.service.proof("/oauth/introspect", token=own),
            },
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The portal served on a port of its own, named so in its settings."""
    late: list[Flask] = []
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: late[0].wsgi_app(environ, start), threaded=True
    )
    url = f"http://127.0.0.1:{server.server_port}"
    app = make_app(make_settings(tmp_path, base_url=url))
    late.append(app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with app.app_context():
        people, org = builders.staff(), builders.organization()
        grant = builders.grant(org, people)
        credential, key = builders.credential(org, grant)
        service = Machine(*builders.service(people), issuer=url)
        yield Site(url, app, people, grant, credential, key, service)
        server.shutdown()
        thread.join(10)
        server.server_close()
        db.session.remove()
        db.engine.dispose()


def test_client_from_discovery_to_revocation(site: Site) -> None:
    """Found by discovery, a token is got, is active at its service, and is handed back."""
    client = site.client()
    assert client.issuer == site.url
    assert client.token_endpoint == f"{site.url}/oauth/token"
    token = client.client_credentials(scope="code:review", resource=API)
    assert isinstance(token, DPoPToken)
    assert (token.token_type, token.scope) == ("DPoP", "code:review")
    assert 290 <= token.expires_in <= 300
    found = site.introspect(token.access_token)
    assert found["active"] is True
    assert (found["client_id"], found["scope"], found["aud"]) == (
        site.credential, "code:review", API,
    )  # fmt: skip
    assert found["cnf"]["jkt"] == token.dpop_key.dpop_jkt
    assert client.revoke_token(token) is True
    assert site.introspect(token.access_token) == {"active": False}


@pytest.mark.parametrize("alg", ["ES256", "PS256", "Ed25519"])
def test_client_with_each_kind_of_proof_key(site: Site, alg: str) -> None:
    """The library's own proofs by EC, RSA and Ed25519 keys are accepted."""
    kind = {"ES256": "EC", "PS256": "RSA", "Ed25519": "OKP"}[alg]
    named = "EdDSA" if alg == "Ed25519" else alg
    private = signing.generate(kind).as_dict(private=True)
    token = site.client().client_credentials(
        resource=API, dpop_key=DPoPKey(private | {"alg": named}, alg=named)
    )
    assert site.introspect(token.access_token)["active"] is True


def test_client_is_refused_once_the_grant_is_gone(site: Site) -> None:
    """The same client with the same key is refused after its grant was revoked."""
    client = site.client()
    token = client.client_credentials(resource=API)
    perform(Revoke(site.grant, "terms_breached"), site.people.manager)
    with pytest.raises(InvalidClient) as refused:
        client.client_credentials(resource=API)
    assert refused.value.description == "the credential is not valid any more"
    assert site.introspect(token.access_token) == {"active": False}


def test_client_understands_the_refusals(site: Site) -> None:
    """The library recognizes the issuer's errors by their codes."""
    client = site.client()
    with pytest.raises(InvalidScope):
        client.client_credentials(scope="vuln:research", resource=API)
    with pytest.raises(InvalidTarget):
        client.client_credentials(resource="https://nowhere.example")


def test_client_with_another_key_is_nobody(site: Site) -> None:
    """The credential's id with a key that is not its own opens nothing."""
    site.key = signing.generate()
    with pytest.raises(InvalidClient) as refused:
        site.client().client_credentials(resource=API)
    assert refused.value.description == "the client assertion does not verify"


def test_client_whose_audience_is_the_endpoint(site: Site) -> None:
    """An assertion made for the token endpoint's URL, the library's default, is refused."""
    client = site.client()
    private = site.key.as_dict(private=True) | {"kid": site.key.thumbprint()}
    former = OAuth2Client(
        client.token_endpoint,
        auth=PrivateKeyJwt(site.credential, private, alg="ES256"),
        dpop_bound_access_tokens=True,
        testing=True,
    )
    with pytest.raises(InvalidClient) as refused:
        former.client_credentials(resource=API)
    assert refused.value.description == f"aud of the client assertion must be {site.url}"
