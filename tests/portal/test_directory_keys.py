"""A directory that can sign has a key and no secret: five-minute tokens, bound to that key."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import clock, ids
from portal.boards import directories
from portal.desk import directory_secrets
from portal.extensions import db, limiter
from portal.issuing import public_keys
from portal.ledger import perform
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.directories import proven, say, token, user
from tests.portal.people import ask, look
from tests.signing import ISSUER, Machine, generate
from workflows.actors import Strength
from workflows.organization.commands.register_directory_key import RegisterDirectoryKey
from workflows.organization.commands.revoke_directory_token import RevokeDirectoryToken

SCIM = f"{ISSUER}/scim/v2"


@pytest.fixture(autouse=True)
def unlimited() -> None:
    limiter.enabled = False


def keyed(org: builders.Org, days: int = 90) -> Machine:
    key = generate()
    public = public_keys.from_members(key.as_dict(private=False))
    client_id = ids.new("dtk")
    perform(RegisterDirectoryKey(org.id, client_id, public.jkt, public.jwk, days), org.owner)
    directory_secrets.note_key(org.id, client_id)
    return Machine(client_id, key)


def speak(
    app: Flask, machine: Machine, method: str, path: str, body: Any = None, **sent: str
) -> Any:
    """One SCIM request with a token of the directory's key and a fresh proof."""
    own = sent.get("token") or machine.token(app, resource=SCIM)
    proof = sent.get("proof") or machine.proof(f"/scim/v2{path}", token=own, htm=method)
    db.session.rollback()
    with Flask.app_context(app):
        return app.test_client().open(
            f"/scim/v2{path}",
            method=method,
            data=json.dumps(body) if body is not None else None,
            content_type="application/scim+json",
            headers={"Authorization": f"{sent.get('scheme', 'DPoP')} {own}", "DPoP": proof},
        )


def test_a_key_says_all_that_a_token_may(either_app: Flask) -> None:
    """It lists and delists people of its own organization, and of no other."""
    org, other = proven(), proven("Other CERT", "other.example")
    machine, stranger = keyed(org), keyed(other)
    made = speak(either_app, machine, "POST", "/Users", user("dana@harborcert.example"))
    assert made.status_code == 201, made.text
    path = f"/Users/{json.loads(made.text)['id']}"
    assert speak(either_app, machine, "GET", path).status_code == 200
    assert speak(either_app, stranger, "GET", path).status_code == 404
    assert speak(either_app, machine, "DELETE", path).status_code == 204
    (row,) = directories.tokens(org.id, org.owner)
    assert directory_secrets.last_used([row.id])[row.id]


def test_its_token_without_its_key_opens_nothing(app: Flask) -> None:
    """Another's proof, a proof for another path or method, one used twice, plain Bearer: 401."""
    machine, thief = keyed(proven()), keyed(proven("Thief", "thief.example"))
    own = machine.token(app, resource=SCIM)
    for proof in (
        thief.proof("/scim/v2/Users", token=own, htm="GET"),
        machine.proof("/scim/v2/Groups", token=own, htm="GET"),
        machine.proof("/scim/v2/Users", token=own, htm="DELETE"),
        machine.proof("/scim/v2/Users", htm="GET"),
        "none",
    ):
        refused = speak(app, machine, "GET", "/Users", token=own, proof=proof)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("DPoP ")
        assert json.loads(refused.text)["status"] == "401"
    assert speak(app, machine, "GET", "/Users", token=own, scheme="Bearer").status_code == 401
    good = machine.proof("/scim/v2/Users", token=own, htm="GET")
    assert speak(app, machine, "GET", "/Users", token=own, proof=good).status_code == 200
    assert speak(app, machine, "GET", "/Users", token=own, proof=good).status_code == 401


def test_its_token_is_for_the_directory_alone(app: Flask) -> None:
    """It asks for no other audience or scope, and neither the API nor introspection takes it."""
    machine, people = keyed(proven()), builders.staff()
    service = Machine(*builders.service(people))
    for resource in (ISSUER, f"{ISSUER}/api/v1", "https://api.example", f"{SCIM}/"):
        assert machine.ask(app, resource=resource).json["error"] == "invalid_target", resource
    assert machine.ask(app, resource=SCIM, scope="introspect").json["error"] == "invalid_scope"
    own = machine.token(app, resource=SCIM, scope="scim")
    assert service.introspect(app, own).json == {"active": False}
    assert machine.introspect(app, own, own).status_code == 401
    proof = machine.proof("/api/v1/me", token=own, htm="GET")
    headers = {"Authorization": f"DPoP {own}", "DPoP": proof}
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 401
    workload = service.token(app, resource=ISSUER)
    assert speak(app, service, "GET", "/Users", token=workload).status_code == 401


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_an_ended_key_says_nothing_at_once(app: Flask, how: str) -> None:
    """No new token, and the one that it holds opens nothing from that moment on."""
    org = proven()
    machine = keyed(org)
    own = machine.token(app, resource=SCIM)
    assert speak(app, machine, "GET", "/Users", token=own).status_code == 200
    later = clock.now()
    if how == "revoked":
        perform(RevokeDirectoryToken(org.id, machine.id), org.owner)
    else:
        later = clock.parse(clock.iso_in(days=91))
    with time_machine.travel(later, tick=False):
        refused = machine.ask(app, resource=SCIM)
        assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
        assert speak(app, machine, "GET", "/Users", token=own).status_code == 401


def test_a_token_is_no_client_and_a_key_no_bearer(app: Flask) -> None:
    """Whoever signs as a bearer token's id is nobody, and a key's id is no token."""
    org = proven()
    secret = token(org)
    (row,) = directories.tokens(org.id, org.owner)
    refused = Machine(row.id, generate()).ask(app, resource=SCIM)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    machine = keyed(org)
    assert say(app, machine.id, "GET", "/Users").status_code == 401
    assert say(app, secret, "GET", "/Users").status_code == 200


def test_a_key_is_registered_on_the_directorys_page(web: Flask) -> None:
    """With a passkey; an odd key is refused beside its field and kept there; people are told."""
    org = proven()
    page = f"/organizations/{org.id}/directory"
    public = json.dumps(generate().as_dict(private=False))
    assert (
        ask(web, org.owner, f"{page}/keys", Strength.LINK, days="90", jwk=public).status_code == 403
    )
    odd = ask(web, org.owner, f"{page}/keys", days="90", jwk='{"kty": "odd"}')
    assert odd.status_code == 200
    assert "This is not a public EC, OKP or RSA key." in odd.text
    assert "&#34;odd&#34;" in odd.text
    assert ask(web, org.owner, f"{page}/keys", days="7", jwk=public).status_code == 200
    assert directories.tokens(org.id, org.owner) == []
    assert ask(web, org.owner, f"{page}/keys", days="90", jwk=public).status_code == 302
    (row,) = directories.tokens(org.id, org.owner)
    assert row.id in look(web, org.owner, page)
    run.run_due(100)
    assert any("key for your organization's directory" in m.subject for m in mail.captured())
    assert ask(web, org.owner, f"{page}/tokens/{row.id}/revoke").status_code == 302
    assert directories.tokens(org.id, org.owner) == []
