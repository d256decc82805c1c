"""The token endpoint's refusals: each names the check that failed, and none leaves a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal import clock, ids
from portal.boards import signing_keys
from portal.boards.grants import grants
from portal.desk import replays
from portal.extensions import db
from portal.issuing import keyring
from portal.issuing.clients import ASSERTION_TYPE
from portal.ledger import perform
from tests import builders, signing
from tests.signing import API, GONE, ISSUER, Machine, b64, post
from workflows.actors import operator, robot
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.service.commands.register import Register

WRONG = "the client assertion does not verify"
TWICE = "stands more than once"
CRITICAL = "the client assertion cannot be read: it has critical extensions that are not known here"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is wrong, and the answer that names it."""

    name: str
    status: int
    error: str
    words: str
    ask: Callable[[Any, Machine], Any]


CASES: list[Case] = []
_Ask = Callable[[Any, Machine], Any]


def case(name: str, error: str, words: str) -> Callable[[_Ask], _Ask]:
    def add(ask: _Ask) -> _Ask:
        status = 401 if error == "invalid_client" else 400
        CASES.append(Case(name, status, error, words, ask))
        return ask

    return add


def form_case(name: str, error: str, words: str, **changes: Any) -> None:
    case(name, error, words)(lambda world, m: m.ask(world.app, **changes))


def claim_case(name: str, words: str, make: Callable[[], dict[str, Any]]) -> None:
    case(name, "invalid_client", words)(
        lambda world, m: m.ask(world.app, client_assertion=m.assertion(**make()))
    )


def proof_case(name: str, words: str, make: Callable[[Machine], Any]) -> None:
    """`make` returns one proof, or a list of them."""

    def ask(world: Any, m: Machine) -> Any:
        made = make(m)
        return m.ask(world.app, proofs=made if isinstance(made, list) else [made])

    case(name, "invalid_dpop_proof", words)(ask)


def at(seconds: int) -> int:
    return clock.epoch() + seconds


# ------------------------------------------------------------------------ parameters
_GRANT = "grant_type must be client_credentials"
form_case("no grant_type", "unsupported_grant_type", _GRANT, grant_type=GONE)
form_case("grant_type", "unsupported_grant_type", _GRANT, grant_type="authorization_code")
_TYPE = "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
form_case("no assertion type", "invalid_client", _TYPE, client_assertion_type=GONE)
form_case("assertion type", "invalid_client", _TYPE,
          client_assertion_type=ASSERTION_TYPE.replace("jwt", "saml2"))  # fmt: skip
_NOT = "the client assertion cannot be read: it is not a signed JSON web token"
form_case("no assertion", "invalid_client", _NOT, client_assertion=GONE)
form_case("garbage", "invalid_client", _NOT, client_assertion="garbage")
form_case("three dots", "invalid_client", _NOT, client_assertion="...")
form_case("not ASCII", "invalid_client", _NOT, client_assertion="é.é.é")
form_case("too long", "invalid_client",
          "the client assertion cannot be read: it is longer than 8192 bytes",
          client_assertion="a" * 8193)  # fmt: skip
form_case("client_id", "invalid_client", "client_id is not the one of the client assertion",
          client_id="cred_other")  # fmt: skip
form_case("empty client_id", "invalid_client", "client_id is not the one of the client assertion",
          client_id="")  # fmt: skip
_ONE = "name exactly one resource: the service's audience"
form_case("no resource", "invalid_target", _ONE, resource=GONE)
form_case("two resources", "invalid_target", _ONE, resource=[API, "https://other.example"])
_NONE = "no approved service has this resource as its audience"
form_case("unknown resource", "invalid_target", _NONE, resource="https://nowhere.example")
form_case("resource with a slash more", "invalid_target", _NONE, resource=f"{API}/")
form_case("empty resource", "invalid_target", _NONE, resource="")
form_case("resource with NUL", "invalid_target", _NONE, resource=f"{API}\x00")
form_case("issuer as resource", "invalid_target", _NONE, resource=ISSUER)
_SCOPE = "the grant does not hold these scopes for this service"
form_case("scope outside the grant", "invalid_scope", _SCOPE, scope="patch:validate")
form_case("scope partly outside", "invalid_scope", _SCOPE, scope="code:review patch:validate")
form_case("scope nobody knows", "invalid_scope", _SCOPE, scope="world:domination")
form_case("introspection for a workload", "invalid_scope", _SCOPE, scope="introspect")
form_case("scope outside the service", "invalid_scope", _SCOPE, scope="malware:analyze",
          resource="https://small.example")  # fmt: skip
form_case("service that shares no scope", "invalid_scope", _SCOPE,
          resource="https://apart.example")  # fmt: skip
form_case("service not yet approved", "invalid_target", _NONE, resource="https://new.example")

for doubled in ("grant_type", "client_assertion", "client_assertion_type", "scope", "client_id"):

    def _twice(world: Any, m: Machine, name: str = doubled) -> Any:
        form = MultiDict(m.form(scope="code:review", client_id=m.id))
        form.add(name, form[name])
        return post(world.app, "token", form, [m.proof()])

    case(f"{doubled} twice", "invalid_request", f"{doubled} {TWICE}")(_twice)


@case("JSON body", "invalid_request", "send application/x-www-form-urlencoded")
def _json(world: Any, m: Machine) -> Any:
    with world.app.test_client() as client:
        return client.post("/oauth/token", json=m.form(), headers={"DPoP": m.proof()})


@case("multipart body", "invalid_request", "send application/x-www-form-urlencoded")
def _multipart(world: Any, m: Machine) -> Any:
    with world.app.test_client() as client:
        return client.post(
            "/oauth/token", data=m.form(), headers={"DPoP": m.proof()},
            content_type="multipart/form-data",
        )  # fmt: skip


# ------------------------------------------------------------------------ the assertion
@case("alg none", "invalid_client", WRONG)
def _none(world: Any, m: Machine) -> Any:
    return m.ask(world.app, client_assertion=m.assertion(header={"alg": "none"}))


@case("HS256 by the public key", "invalid_client", WRONG)
def _hmac(world: Any, m: Machine) -> Any:
    pem = m.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed, _, _ = m.assertion(header={"alg": "HS256"}, key=jwk.OctKey.generate_key()).rpartition(
        "."
    )
    mac = signing.hmac_of(pem, signed)
    return m.ask(world.app, client_assertion=f"{signed}.{mac}")


@case("signed by another key", "invalid_client", WRONG)
def _other_key(world: Any, m: Machine) -> Any:
    return m.ask(world.app, client_assertion=m.assertion(key=signing.generate()))


@case("another key, named in the header", "invalid_client", WRONG)
def _header_key(world: Any, m: Machine) -> Any:
    key = signing.generate()
    named = {"jwk": key.as_dict(private=False), "kid": key.thumbprint()}
    return m.ask(world.app, client_assertion=m.assertion(key=key, header=named))


@case("key of another kind", "invalid_client", WRONG)
def _other_kind(world: Any, m: Machine) -> Any:
    key = signing.generate("OKP")
    return m.ask(world.app, client_assertion=m.assertion(key=key, header={"alg": "Ed25519"}))


@case("claims changed after signing", "invalid_client", WRONG)
def _altered(world: Any, m: Machine) -> Any:
    head, _, signature = m.assertion().split(".")
    claims = signing.part(m.assertion(), 1)
    return m.ask(
        world.app, client_assertion=f"{head}.{b64(json.dumps(claims).encode())}.{signature}"
    )


@case("no signature", "invalid_client", WRONG)
def _bare(world: Any, m: Machine) -> Any:
    return m.ask(world.app, client_assertion=m.assertion().rpartition(".")[0] + ".")


for name, stranger in {
    "unknown credential": ids.new("cred"),
    "unknown service": ids.new("svc"),
    "client that is no id": "nobody",
    "client with NUL": "cred_\x00",
    "client with half a character": "cred_\ud800",
}.items():
    case(name, "invalid_client", _NOT if "half" in name else WRONG)(
        lambda world, m, who=stranger: Machine(who, m.key).ask(world.app)
    )


@case("another client's key", "invalid_client", WRONG)
def _borrowed(world: Any, m: Machine) -> Any:
    return Machine(world.service.id, m.key).ask(world.app, resource=ISSUER)


_SAME = "iss and sub of the client assertion must both be the client id"
claim_case("iss is somebody else", _SAME, lambda: {"iss": "cred_other"})
claim_case("no iss", _SAME, lambda: {"iss": GONE})
claim_case("no sub", _SAME, lambda: {"sub": GONE})
claim_case("sub is a list", _SAME, lambda: {"sub": ["a"], "iss": ["a"]})
_AUD = f"aud of the client assertion must be {ISSUER}"
claim_case("aud is the token endpoint", _AUD, lambda: {"aud": f"{ISSUER}/oauth/token"})
claim_case("aud with a slash more", _AUD, lambda: {"aud": f"{ISSUER}/"})
claim_case("aud of two", _AUD, lambda: {"aud": [ISSUER, "https://other.example"]})
claim_case("no aud", _AUD, lambda: {"aud": GONE})
_EXPIRED = "the client assertion has expired or has no exp"
claim_case("expired", _EXPIRED, lambda: {"exp": at(-31)})
claim_case("no exp", _EXPIRED, lambda: {"exp": GONE})
claim_case("exp is text", _EXPIRED, lambda: {"exp": str(at(60))})
claim_case("exp is true", _EXPIRED, lambda: {"exp": True})
claim_case("exp is infinite", _EXPIRED, lambda: {"exp": float("inf")})
claim_case("exp is not a number", _EXPIRED, lambda: {"exp": float("nan")})
claim_case("exp too far", "exp must be at most 300 seconds ahead", lambda: {"exp": at(335)})
claim_case("iat ahead", "iat of the client assertion lies in the future", lambda: {"iat": at(35)})
claim_case("iat is text", "iat of the client assertion lies in the future", lambda: {"iat": "now"})
claim_case("nbf ahead", "nbf of the client assertion lies in the future", lambda: {"nbf": at(35)})
_JTI = "the client assertion needs a jti of 1 to 256 characters"
claim_case("no jti", _JTI, lambda: {"jti": GONE})
claim_case("empty jti", _JTI, lambda: {"jti": ""})
claim_case("long jti", _JTI, lambda: {"jti": "j" * 257})
claim_case("jti is a number", _JTI, lambda: {"jti": 1})
claim_case("jti with half a character", _NOT, lambda: {"jti": "\ud800"})


@case("a member twice", "invalid_client", _NOT)
def _member_twice(world: Any, m: Machine) -> Any:
    claims = json.dumps(signing.part(m.assertion(), 1))
    double = claims.replace('{"iss"', '{"iss": "cred_other", "iss"', 1)
    return m.ask(world.app, client_assertion=m.assertion(payload=double))


@case("a header member twice", "invalid_client", _NOT)
def _header_twice(world: Any, m: Machine) -> Any:
    head = '{"alg": "none", "alg": "ES256"}'
    claims = signing.part(m.assertion(), 1)
    return m.ask(world.app, client_assertion=signing.compact(head, claims, m.key))


@case("critical extension", "invalid_client",
      CRITICAL)  # fmt: skip
def _crit(world: Any, m: Machine) -> Any:
    head = {"crit": ["colour"], "colour": "green"}
    return m.ask(world.app, client_assertion=m.assertion(header=head))


@case("unencoded payload", "invalid_client",
      CRITICAL)  # fmt: skip
def _unencoded(world: Any, m: Machine) -> Any:
    return m.ask(world.app, client_assertion=m.assertion(header={"crit": ["b64"], "b64": True}))


for shape in ("[]", '"text"', "1", "null"):
    case(f"claims are {shape}", "invalid_client",
         "the client assertion cannot be read: its claims are not an object")(
        lambda world, m, s=shape: m.ask(world.app, client_assertion=m.assertion(payload=s))
    )  # fmt: skip
for name, shape in {"deep": "[" * 5000, "a huge number": '{"exp":' + "1" * 5000 + "}"}.items():
    case(f"claims are {name}", "invalid_client", _NOT)(
        lambda world, m, s=shape: m.ask(world.app, client_assertion=m.assertion(payload=s))
    )


@case("replayed assertion", "invalid_client",
      "the client assertion was used before; sign a new one each time")  # fmt: skip
def _replayed(world: Any, m: Machine) -> Any:
    again = m.assertion()
    m.token(world.app, client_assertion=again)
    return m.ask(world.app, client_assertion=again)


@case("another assertion with the same jti", "invalid_client",
      "the client assertion was used before; sign a new one each time")  # fmt: skip
def _same_jti(world: Any, m: Machine) -> Any:
    m.token(world.app, client_assertion=m.assertion(jti="one"))
    return m.ask(world.app, client_assertion=m.assertion(jti="one", exp=at(99)))


# ------------------------------------------------------------------------ the proof
_HEADERS = "the request needs exactly one DPoP header"
proof_case("no proof", _HEADERS, lambda m: [])
proof_case("two proofs", _HEADERS, lambda m: [m.proof(), m.proof()])
proof_case("garbage for a proof", "the proof cannot be read: it is not a signed JSON web token",
           lambda m: "garbage")  # fmt: skip
proof_case("proof too long", "the proof cannot be read: it is longer than 8192 bytes",
           lambda m: "a" * 8193)  # fmt: skip
_TYP = "typ of the proof must be dpop+jwt"
proof_case("proof typ", _TYP, lambda m: m.proof(header={"typ": "JWT"}))
proof_case("proof without typ", _TYP, lambda m: m.proof(header={"typ": GONE}))
proof_case("proof by another key", "the proof is not signed by the key in its header",
           lambda m: m.proof(key=signing.generate()))  # fmt: skip
proof_case("proof with alg none", "the proof is not signed by the key in its header",
           lambda m: m.proof(header={"alg": "none"}))  # fmt: skip
proof_case("proof by HS256", "the proof is not signed by the key in its header",
           lambda m: m.proof(header={"alg": "HS256"}, key=jwk.OctKey.generate_key()))  # fmt: skip
proof_case("private key in the proof", "the proof's key is not accepted: this is a private key",
           lambda m: m.proof(header={"jwk": m.proof_key.as_dict(private=True)}))  # fmt: skip
proof_case("P-384 in the proof",
           "the proof's key is not accepted: a key of this kind or size is not accepted",
           lambda m: m.proof(
               header={"jwk": jwk.ECKey.generate_key("P-384").as_dict(private=False)}))  # fmt: skip
proof_case("secret in the proof", "the proof's key is not accepted: this is a private key",
           lambda m: m.proof(header={"jwk": {"kty": "oct", "k": "AAAA"}}))  # fmt: skip
proof_case("curve nobody knows", "the proof's key is not accepted:",
           lambda m: m.proof(
               header={"jwk": {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}}))  # fmt: skip
proof_case("point off the curve",
           "the proof's key is not accepted: the key's numbers do not make a key",
           lambda m: m.proof(
               header={"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}))  # fmt: skip
_JWK = "the proof's header needs the public key as jwk"
proof_case("proof without key", _JWK, lambda m: m.proof(header={"jwk": GONE}))
proof_case("proof with a list of keys", _JWK, lambda m: m.proof(header={"jwk": [{}]}))
proof_case("htm", "htm of the proof must be POST", lambda m: m.proof(htm="GET"))
proof_case("htm in small letters", "htm of the proof must be POST", lambda m: m.proof(htm="post"))
_HTU = f"htu of the proof must be {ISSUER}/oauth/token"
proof_case("htu other host", _HTU, lambda m: m.proof(htu="http://evil.example:8000/oauth/token"))
proof_case("htu other port", _HTU, lambda m: m.proof(htu="http://localhost:8001/oauth/token"))
proof_case("htu no port", _HTU, lambda m: m.proof(htu="http://localhost/oauth/token"))
proof_case("htu other scheme", _HTU, lambda m: m.proof(htu="https://localhost:8000/oauth/token"))
proof_case("htu other path", _HTU, lambda m: m.proof("/oauth/revoke"))
proof_case("htu of no sense", _HTU, lambda m: m.proof(htu="http://[:x/"))
proof_case("htu is a number", _HTU, lambda m: m.proof(htu=5))
proof_case("no htu", _HTU, lambda m: m.proof(htu=GONE))
_IAT = "iat of the proof must lie within 60 seconds of now"
proof_case("old proof", _IAT, lambda m: m.proof(iat=at(-61)))
proof_case("proof of the future", _IAT, lambda m: m.proof(iat=at(35)))
proof_case("proof without iat", _IAT, lambda m: m.proof(iat=GONE))
proof_case("proof with iat as text", _IAT, lambda m: m.proof(iat=str(at(0))))
_PROOF_JTI = "the proof needs a jti of 1 to 256 characters"
proof_case("proof without jti", _PROOF_JTI, lambda m: m.proof(jti=GONE))
proof_case("proof with an empty jti", _PROOF_JTI, lambda m: m.proof(jti=""))
proof_case("proof with a long jti", _PROOF_JTI, lambda m: m.proof(jti="j" * 257))


@case("replayed proof", "invalid_dpop_proof",
      "the proof was used before; sign a new one for each request")  # fmt: skip
def _replayed_proof(world: Any, m: Machine) -> Any:
    again = m.proof()
    m.token(world.app, proofs=[again])
    return m.ask(world.app, proofs=[again])


# ------------------------------------------------------------------------ services
_ALONE = f"a service asks for {ISSUER} alone"
case("service for an audience", "invalid_target", _ALONE)(
    lambda world, m: world.service.ask(world.app, resource=API)
)
case("service for a scope", "invalid_scope", "a service may ask for introspect alone")(
    lambda world, m: world.service.ask(world.app, resource=ISSUER, scope="code:review")
)


def furnish(world: Any) -> None:
    builders.service(world.people, "https://small.example", ("code:review",))
    builders.service(world.people, "https://apart.example", ("patch:validate",))
    perform(
        Register(ids.new("svc"), "New", "https://new.example", builders.ASKED),
        world.people.developer,
    )


def refused(world: Any, wrong: Case, machine: Machine) -> None:
    before = world.issued()
    answer = wrong.ask(world, machine)
    spent = 1 if "replayed" in wrong.name or "same jti" in wrong.name else 0
    assert (answer.status_code, answer.json) == (
        wrong.status,
        {"error": wrong.error, "error_description": answer.json["error_description"]},
    )
    assert wrong.words in answer.json["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert world.issued() == before + spent


@pytest.fixture(scope="module")
def furnished(still: Any) -> Any:
    furnish(still)
    return still


@pytest.mark.parametrize("wrong", CASES, ids=lambda c: c.name)
def test_refusal_names_the_check(furnished: Any, wrong: Case) -> None:
    """Each wrong request gets the RFC's code, words for the failing check, and no record."""
    refused(furnished, wrong, furnished.workload)


def test_refusals_on_both_databases(either_world: Any) -> None:
    """Every refusal of the table is the same on PostgreSQL as on SQLite."""
    furnish(either_world)
    for wrong in CASES:
        refused(either_world, wrong, either_world.workload)


def test_names_of_the_cases_differ() -> None:
    """The table holds each case once, and no fewer than it was written with."""
    assert len({c.name for c in CASES}) == len(CASES) >= 100


# ------------------------------------------------------------------------ access that is gone
def refuses(world: Any, words: str) -> None:
    before = world.issued()
    answer = world.workload.ask(world.app)
    assert (answer.status_code, answer.json) == (
        401,
        {"error": "invalid_client", "error_description": words},
    )
    assert world.issued() == before


def test_suspended_grant_waits(either_world: Any) -> None:
    """A suspended grant mints nothing and says so; resumed, it mints again."""
    world = either_world
    world.workload.token(world.app)
    perform(Suspend(world.grant, "under_investigation"), world.people.manager)
    refuses(world, "the grant is suspended")
    perform(Resume(world.grant), world.people.manager)
    world.workload.token(world.app)


def test_revoked_grant_is_gone(either_world: Any) -> None:
    """A revoked grant mints nothing."""
    world = either_world
    world.workload.token(world.app)
    perform(Revoke(world.grant, "terms_breached"), world.people.manager)
    refuses(world, "the credential is not valid any more")


def test_revoked_credential_is_gone_alone(either_world: Any) -> None:
    """A revoked credential mints nothing, and the grant's other credential still does."""
    world = either_world
    second = Machine(*builders.credential(world.org, world.grant))
    perform(
        RevokeCredential(world.grant, world.workload.id, "credential_exposed"),
        builders.again(world.org.owner),
    )
    refuses(world, "the credential is not valid any more")
    second.token(world.app)


def ends_at(world: Any) -> float:
    with db.engine.connect() as connection:
        text = connection.execute(
            select(grants.c.expires_at).where(grants.c.id == world.grant)
        ).scalar_one()
    return clock.parse(text).timestamp()


def test_grant_past_its_end_before_the_robot_came(world: Any) -> None:
    """A grant past its end mints nothing, though nobody has recorded the end yet."""
    with time_machine.travel(ends_at(world) + 1, tick=False):
        refuses(world, "the grant has expired")


def test_expired_grant(world: Any) -> None:
    """A grant whose end is on record mints nothing."""
    with time_machine.travel(ends_at(world) + 1, tick=False):
        perform(Expire(world.grant), robot("tests"))
        refuses(world, "the credential is not valid any more")


def test_without_a_signing_key_nothing_is_issued(world: Any) -> None:
    """Without an active key the issuer says that it cannot, and records nothing."""
    [row] = signing_keys.every_key()
    keyring.destroy(row.id, "exposed", operator("tests"))
    with world.app.test_client() as client:
        answer = client.post(
            "/oauth/token", data=world.workload.form(), headers={"DPoP": world.workload.proof()}
        )
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    assert world.issued() == 0


def test_refused_request_spends_nothing(world: Any) -> None:
    """An assertion whose request was refused is not spent: mend the request and send it again."""
    assertion = world.workload.assertion()
    assert world.workload.ask(world.app, client_assertion=assertion, scope="x").status_code == 400
    world.workload.token(world.app, client_assertion=assertion)


def test_replay_is_remembered_as_long_as_it_would_pass(world: Any) -> None:
    """The replay store still knows an assertion and a proof in the last second that they pass, and
    for as long after it as a clock may step back."""
    now = clock.epoch()
    with time_machine.travel(now, tick=False):
        assertion, proof = world.workload.assertion(exp=now + 60), world.workload.proof(iat=now)
        world.workload.token(world.app, client_assertion=assertion, proofs=[proof])
    with time_machine.travel(now + 60, tick=False):
        replays.prune()
        answer = world.workload.ask(world.app, proofs=[proof])
        assert "was used before" in answer.json["error_description"]
    with time_machine.travel(now + 89, tick=False):
        replays.prune()
        answer = world.workload.ask(world.app, client_assertion=assertion)
        assert "was used before" in answer.json["error_description"]
    with time_machine.travel(now + 90 + replays.BACK_SECONDS, tick=False):
        assert replays.prune() == 0
    with time_machine.travel(now + 91 + replays.BACK_SECONDS, tick=False):
        assert replays.prune() >= 2
