"""Whatever is sent to the issuer: never 5xx, always JSON, and never a token that is not due."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.issuing.clients import ASSERTION_TYPE
from tests import signing
from tests.signing import API, GONE, ISSUER, b64, compact, post

EXAMPLES = 20_000 if os.environ.get("PORTAL_SOAK") == "1" else 150
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)

text = st.text(st.characters(), max_size=40)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), text,
    st.sampled_from(["\ud800", "\x00", "", "é", ISSUER, API, GONE, 1 << 70, -1, float("nan")]),
)  # fmt: skip
values = st.recursive(
    scalars.filter(lambda v: v is not GONE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
keys = st.fixed_dictionaries(
    {"kty": st.sampled_from(["EC", "OKP", "RSA", "oct", "", "X"])},
    optional={
        name: st.one_of(text, st.sampled_from(["P-256", "P-384", "Ed25519", "X25519", "AQAB"]))
        for name in ("crv", "x", "y", "n", "e", "d", "k")
    },
)
claims = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "htm", "htu", "ath", "cnf"]),
    scalars | values,
    max_size=3,
)
headers = st.dictionaries(
    st.sampled_from(["typ", "kid", "jwk", "jku", "x5c", "b64", "cty", "crit"]),
    scalars | values | keys,
    max_size=2,
)


def spoiled(data: Any, token: str) -> str:
    """The token as it stands, or with something cut, flipped, doubled or put in."""
    kind = data.draw(st.sampled_from(["as it is", "cut", "byte", "part", "raw", "long"]))
    at = data.draw(st.integers(0, len(token) - 1))
    parts = token.split(".")
    match kind:
        case "cut":
            return token[:at]
        case "byte":
            return token[:at] + chr(data.draw(st.integers(33, 126))) + token[at + 1 :]
        case "part":
            index = data.draw(st.integers(0, 2))
            parts[index] = b64(data.draw(st.binary(max_size=60)))
            return ".".join(parts)
        case "raw":
            return data.draw(st.binary(max_size=80)).decode("latin-1")
        case "long":
            return token * data.draw(st.integers(1, 20))
    return token


def in_header(value: str) -> str:
    """What a header can carry: no line breaks."""
    return value.encode("latin-1", "replace").decode("latin-1").translate(
        dict.fromkeys((*range(32), 127))
    )  # fmt: skip


def sane(answer: Any, endpoint: str) -> None:
    assert answer.status_code < 500
    assert answer.is_json, answer.get_data(as_text=True)[:200]
    body = answer.json
    if answer.status_code != 200:
        assert answer.status_code in (400, 401)
        assert set(body) == {"error", "error_description"}
        assert body["error_description"].isprintable()
    elif endpoint == "introspect":
        assert body == {"active": False} or body["active"] is True
    elif endpoint == "revoke":
        assert body == {}
    else:
        assert body["token_type"] == "DPoP"


def test_random_bodies(still: Any) -> None:
    """Random bytes and random forms get an error in JSON at each of the three endpoints."""
    names = st.sampled_from(
        ["grant_type", "client_assertion", "client_assertion_type", "scope", "resource", "token",
         "client_id"]
    )  # fmt: skip
    values = text | st.sampled_from(["client_credentials", ASSERTION_TYPE, "e30.e30.", "\x00"])
    safe = values.map(lambda v: v.encode("utf-8", "replace").decode())

    @FUZZ
    @given(
        st.sampled_from(["token", "introspect", "revoke"]),
        st.binary(max_size=200) | st.dictionaries(names, safe, max_size=5),
        text,
    )
    def fuzz(endpoint: str, body: Any, header: str) -> None:
        sent = [("DPoP", in_header(header)), ("Authorization", f"DPoP {in_header(header)}")]
        with still.app.test_client() as client:
            answer = client.post(
                f"/oauth/{endpoint}",
                data=body,
                headers=sent,
                content_type="application/x-www-form-urlencoded",
            )
        sane(answer, endpoint)
        assert answer.status_code in (400, 401)

    before = still.issued()
    fuzz()
    assert still.issued() == before


def test_mutated_assertions_and_proofs(either_world: Any) -> None:
    """Assertions and proofs with odd members, signed rightly, get an answer and never a 5xx."""
    world, machine = either_world, either_world.workload

    @FUZZ
    @given(st.data())
    def fuzz(data: Any) -> None:
        assertion = machine.assertion(header=data.draw(headers), **data.draw(claims))
        proof = machine.proof(header=data.draw(headers), **data.draw(claims))
        if data.draw(st.booleans()):
            assertion = spoiled(data, assertion)
        if data.draw(st.booleans()):
            proof = in_header(spoiled(data, proof))
        endpoint = data.draw(st.sampled_from(["token", "token", "revoke"]))
        resource = data.draw(st.sampled_from([API, API, ISSUER, "\x00", "é", ""]))
        form = machine.form(client_assertion=assertion, token="x", resource=resource)
        answer = post(world.app, endpoint, form, [proof])
        sane(answer, endpoint)

    fuzz()


def test_mutated_tokens(either_world: Any) -> None:
    """Tokens that were changed in any way are inactive; odd proofs beside them are refused."""
    world = either_world
    token = world.workload.token(world.app)
    own = world.service.token(world.app, resource=ISSUER)

    @FUZZ
    @given(st.data())
    def fuzz(data: Any) -> None:
        told = spoiled(data, token).encode("utf-8", "replace").decode()
        proof = world.service.proof(
            "/oauth/introspect",
            token=own,
            header=data.draw(headers),
            **(data.draw(claims) if data.draw(st.booleans()) else {}),
        )
        asking = in_header(spoiled(data, own)) if data.draw(st.booleans()) else own
        answer = world.service.introspect(world.app, told, asking, proofs=[proof])
        sane(answer, "introspect")
        if answer.status_code == 200 and told != token:
            assert answer.json == {"active": False}

    fuzz()


def test_odd_keys_in_proofs(still: Any) -> None:
    """A proof whose header holds any odd key is refused by name."""
    machine = still.workload

    @FUZZ
    @given(keys | values)
    def fuzz(key: Any) -> None:
        head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key}
        proof = compact(json.dumps(head), signing.part(machine.proof(), 1), machine.proof_key)
        answer = machine.ask(still.app, proofs=[proof])
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")

    fuzz()
