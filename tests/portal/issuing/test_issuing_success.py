"""The token endpoint when everything is in order: what the token says, and who can read it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.boards.grants import grants
from portal.desk.tables import issuances
from portal.extensions import db
from portal.ledger.tables import streams
from tests import builders, signing
from tests.signing import API, GONE, ISSUER, Machine, signing_kid


def number(text: str) -> int:
    return int.from_bytes(signing.base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def verify(app: Flask, token: str) -> None:
    """Verify by the published key set with nothing of the portal's own."""
    keys = app.test_client().get("/oauth/jwks.json").get_json(force=True)["keys"]
    header, claims, signature = token.split(".")
    [key] = [k for k in keys if k["kid"] == signing.part(token, 0)["kid"]]
    public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP256R1())
    raw = signing.base64.urlsafe_b64decode(signature + "==")
    der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.public_key().verify(der, f"{header}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_token_says_who_for_what_and_how_long(either_world: Any) -> None:
    """The answer and every claim of the token are exactly those of the design."""
    world = either_world
    before = clock.epoch()
    answer = world.workload.ask(world.app)
    assert answer.status_code == 200, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    token = answer.json["access_token"]
    assert answer.json == {"access_token": token, "token_type": "DPoP", "expires_in": 300,
                           "scope": "code:review malware:analyze"}  # fmt: skip
    header, claims = signing.part(token, 0), signing.part(token, 1)
    assert header == {"typ": "at+jwt", "alg": "ES256", "kid": signing_kid()}
    assert before <= claims["iat"] <= clock.epoch()
    assert re.fullmatch("[0-9a-f]{32}", claims["jti"])
    with db.engine.connect() as connection:
        version = connection.execute(
            select(streams.c.seq).where(streams.c.id == world.grant)
        ).scalar_one()
    assert claims == {
        "iss": ISSUER,
        "sub": world.workload.id,
        "client_id": world.workload.id,
        "org": world.org.id,
        "aud": API,
        "iat": claims["iat"],
        "exp": claims["iat"] + 300,
        "jti": claims["jti"],
        "scope": "code:review malware:analyze",
        "authorization_details": [
            {
                "type": "trusted_access",
                "locations": [API],
                "actions": ["secure_code_review", "malware_analysis"],
                "tier": 1,
                "grant_id": world.grant,
                "grant_version": version,
            }
        ],
        "cnf": {"jkt": world.workload.proof_key.thumbprint()},
    }


def test_token_verifies_elsewhere_by_the_published_keys(still: Any) -> None:
    """Bare ECDSA over the published key set accepts the token and refuses it with one bit off."""
    token = still.workload.token(still.app)
    verify(still.app, token)
    head, claims, signature = token.split(".")
    other = signing.b64(json.dumps(signing.part(token, 1) | {"org": "org_other"}).encode())
    assert other != claims
    with pytest.raises(InvalidSignature):
        verify(still.app, f"{head}.{other}.{signature}")


def test_record_is_the_token(world: Any) -> None:
    """The issuance on record names client, grant, key and end, and its claims are the token's."""
    token = world.workload.token(world.app)
    claims = signing.part(token, 1)
    with db.engine.connect() as connection:
        [row] = connection.execute(select(issuances)).all()
    assert (row.jti, row.client, row.grant_id, row.kid, row.expires, row.revoked_at) == (
        claims["jti"], world.workload.id, world.grant, signing.part(token, 0)["kid"],
        claims["exp"], "",
    )  # fmt: skip
    assert json.loads(row.claims) == claims


def test_narrower_scope(still: Any) -> None:
    """A workload that asks for less gets less, in scope and in actions, and a scope twice once."""
    answer = still.workload.ask(still.app, scope="malware:analyze malware:analyze")
    claims = signing.part(answer.json["access_token"], 1)
    assert answer.json["scope"] == claims["scope"] == "malware:analyze"
    assert claims["authorization_details"][0]["actions"] == ["malware_analysis"]


def test_default_scope_is_what_grant_and_service_share(world: Any) -> None:
    """Without a scope the token holds the grant's scopes that the service honors, no more."""
    builders.service(world.people, "https://narrow.example", ("code:review", "patch:validate"))
    token = world.workload.token(world.app, resource="https://narrow.example")
    claims = signing.part(token, 1)
    assert (claims["scope"], claims["aud"]) == ("code:review", "https://narrow.example")
    assert claims["authorization_details"][0]["locations"] == ["https://narrow.example"]


def test_ids_differ(still: Any) -> None:
    """Two tokens never share an id."""
    ids = {signing.part(still.workload.token(still.app), 1)["jti"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("kind", ["EC", "OKP", "RSA"])
def test_every_kind_of_key(world: Any, kind: str) -> None:
    """EC, Ed25519 and RSA keys authenticate a workload and sign its proofs."""
    key = signing.generate(kind)
    credential = signing.register(world.org, world.grant, key)
    workload = Machine(credential, key, proof_key=signing.generate(kind))
    claims = signing.part(workload.token(world.app), 1)
    assert claims["sub"] == credential
    assert claims["cnf"]["jkt"] == workload.proof_key.thumbprint() != key.thumbprint()


def test_older_name_of_ed25519(world: Any) -> None:
    """An Ed25519 key may sign under the older name EdDSA too."""
    key = signing.generate("OKP")
    credential = signing.register(world.org, world.grant, key)
    workload = Machine(credential, key, proof_key=key)
    older = {"alg": "EdDSA"}
    workload.token(
        world.app,
        client_assertion=workload.assertion(header=older),
        proofs=[workload.proof(header=older)],
    )


def test_proof_by_the_registered_key(still: Any) -> None:
    """The proof's key may be the registered one; the token then names it."""
    same = Machine(still.workload.id, still.workload.key, proof_key=still.workload.key)
    token = same.token(still.app)
    assert signing.part(token, 1)["cnf"] == {"jkt": still.workload.key.thumbprint()}


ACCEPTED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # name -> (form, claims of the assertion, claims of the proof)
    "client_id said too": ({"client_id": ...}, {}, {}),
    "aud as a list of one": ({}, {"aud": [ISSUER]}, {}),
    "no iat": ({}, {"iat": GONE}, {}),
    "parameter nobody knows": ({"colour": "green"}, {}, {}),
    "htu with query and fragment": ({}, {}, {"htu": f"{ISSUER}/oauth/token?a=1#b"}),
    "htu in capitals": ({}, {}, {"htu": "HTTP://LOCALHOST:8000/oauth/token"}),
    "claim nobody knows": ({}, {"colour": "green"}, {"colour": "green"}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_fine(still: Any, name: str) -> None:
    """Variations that the RFCs allow are served."""
    form, claims, proof = ACCEPTED[name]
    form = {k: still.workload.id if v is ... else v for k, v in form.items()}
    still.workload.token(
        still.app,
        client_assertion=still.workload.assertion(**claims),
        proofs=[still.workload.proof(**proof)],
        **form,
    )


@pytest.mark.parametrize(
    ("claims", "proof"),
    [
        ({"exp": -29}, {}),
        ({"exp": 330}, {}),
        ({"iat": 30}, {}),
        ({"nbf": 30}, {}),
        ({}, {"iat": -58}),
        ({}, {"iat": 30}),
    ],
)
def test_clocks_may_differ_a_little(
    still: Any, claims: dict[str, int], proof: dict[str, int]
) -> None:
    """Times just inside what is allowed are accepted."""
    now = clock.epoch()
    still.workload.token(
        still.app,
        client_assertion=still.workload.assertion(**{k: now + v for k, v in claims.items()}),
        proofs=[still.workload.proof(**{k: now + v for k, v in proof.items()})],
    )


def test_service_asks_for_itself(still: Any) -> None:
    """A service's own token opens introspection alone: no org, no grant, audience the issuer."""
    claims = signing.part(still.service.token(still.app, resource=ISSUER), 1)
    assert {k: claims[k] for k in ("iss", "sub", "client_id", "aud", "scope")} == {
        "iss": ISSUER, "sub": still.service.id, "client_id": still.service.id, "aud": ISSUER,
        "scope": "introspect",
    }  # fmt: skip
    assert claims["exp"] - claims["iat"] == 300
    assert {"org", "authorization_details"}.isdisjoint(claims)


def test_grant_near_its_end_shortens_the_token(world: Any) -> None:
    """A token never outlives the grant that it stands on."""
    with db.engine.connect() as connection:
        end = connection.execute(
            select(grants.c.expires_at).where(grants.c.id == world.grant)
        ).scalar_one()
    at = clock.parse(end).timestamp()
    with time_machine.travel(at - 100, tick=False):
        claims = signing.part(world.workload.token(world.app), 1)
    assert claims["exp"] == int(at)


def test_tier_decides_the_lifetime(world: Any) -> None:
    """A higher tier stands in the token with its own level and its own, shorter lifetime."""
    scopes = ("vuln:research",)
    application = builders.submit(world.org, tier="vulnerability-research", scopes=scopes)
    builders.pass_checks(application)
    third = builders.person("Ria Three", roles=("reviewer",))
    for reviewer in (*world.people.reviewers, third):
        builders.review(application, reviewer)
    grant = builders.decide(application, world.people.decider, scopes, days=90)
    builders.service(world.people, "https://lab.example", scopes)
    workload = Machine(*builders.credential(world.org, grant))
    claims = signing.part(workload.token(world.app, resource="https://lab.example"), 1)
    assert claims["authorization_details"][0]["tier"] == 3
    assert claims["exp"] - claims["iat"] == 120
