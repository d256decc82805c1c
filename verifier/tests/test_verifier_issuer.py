"""The verifier against a real issuer on loopback: discovery, keys, tokens, introspection."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from trusted_access import (
    Inactive,
    IntrospectionUnavailable,
    Introspector,
    KeysUnavailable,
    MemoryReplayStore,
    ProofInvalid,
    Scope,
    SignatureInvalid,
    TokenClient,
    TokenRefused,
    UnsafeNoOp,
    VerificationError,
    Verifier,
    jws,
)
from trusted_access import dpop as dpop_module
from trusted_access import issuer as issuer_module
from trusted_access.issuer import FixedKeys, Issuer, metadata_url
from trusted_access.keys import SigningKey, load_private, load_public, thumbprint
from trusted_access.middleware import AsgiGuard, WsgiGuard

sys.path.insert(0, str(Path(__file__).parent.parent / "vectors"))
import generate

AUDIENCE = "https://api.example"


class Portal:
    """A small issuer that really checks assertions and proofs, and counts who asks."""

    def __init__(self) -> None:
        self.key = generate.ISSUER_KEY
        self.published = [self.key]
        self.clients = {"cred_1": generate.CLIENT_KEY, "svc_1": generate.OTHER_KEY}
        self.revoked: set[str] = set()
        self.asked: dict[str, int] = {}
        self.answers = True
        self.metadata_issuer: str | None = None
        self.redirect = False
        self.store = MemoryReplayStore()
        self.forget_own = False
        self.count = 0
        handler = type("Handler", (_Handler,), {"portal": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def sign(self, claims: dict[str, Any], key: SigningKey | None = None) -> str:
        key = key or self.key
        return key.jws({"typ": "at+jwt", "kid": thumbprint(key.public)}, claims)

    def mint(self, client: str, audience: str, scope: str, jkt: str) -> str:
        self.count += 1
        now = int(time.time())
        return self.sign(
            {"iss": self.base, "sub": client, "client_id": client, "aud": audience, "iat": now,
             "exp": now + 300, "jti": f"t-{self.count}", "scope": scope, "cnf": {"jkt": jkt}}
        )  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    portal: Portal

    def log_message(self, format: str, *args: Any) -> None:
        return

    def _send(self, status: int, body: Any, **headers: str) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _count(self) -> bool:
        self.portal.asked[self.path] = self.portal.asked.get(self.path, 0) + 1
        if not self.portal.answers:
            self._send(500, {})
        return self.portal.answers

    def do_GET(self) -> None:
        if not self._count():
            return
        p = self.portal
        if self.path.startswith("/.well-known"):
            if p.redirect:
                self._send(302, {}, Location=f"{p.base}/elsewhere")
                return
            self._send(
                200,
                {"issuer": p.metadata_issuer or p.base, "jwks_uri": f"{p.base}/jwks",
                 "token_endpoint": f"{p.base}/token",
                 "introspection_endpoint": f"{p.base}/introspect"},
            )  # fmt: skip
        elif self.path == "/jwks":
            entries = [{**k.public, "kid": thumbprint(k.public)} for k in p.published]
            self._send(200, {"keys": [*entries, {"kty": "oct", "kid": "x"}, "nonsense"]})
        else:
            self._send(404, {})

    def do_POST(self) -> None:
        if not self._count():
            return
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        form = {k: v[0] for k, v in parse_qs(raw.decode()).items()}
        if self.path == "/token":
            self._token(form)
        else:
            self._introspect(form)

    def _token(self, form: dict[str, str]) -> None:
        p = self.portal
        assertion = jws.parse(form["client_assertion"])
        client = assertion.unverified_claims["sub"]
        key = load_public(p.clients[client].public)
        now = time.time()
        good = (
            key.verifies(assertion.signed, assertion.signature)
            and assertion.unverified_claims["aud"] == p.base
            and now < assertion.unverified_claims["exp"] <= now + 61
            and p.store.first_time(assertion.unverified_claims["jti"], now + 99, now)
        )
        if not good:
            self._send(401, {"error": "invalid_client", "error_description": "no"})
            return
        proof = jws.parse(self.headers["DPoP"])
        assert proof.unverified_claims["htu"] == f"{p.base}/token"
        jkt = thumbprint(proof.header["jwk"])
        token = p.mint(client, form["resource"], form.get("scope", "a:b"), jkt)
        self._send(200, {"access_token": token, "token_type": "DPoP", "expires_in": 300})

    def _introspect(self, form: dict[str, str]) -> None:
        p = self.portal
        own = self.headers["Authorization"].removeprefix("DPoP ")
        if p.forget_own:
            p.forget_own = False
            self._send(401, {"error": "invalid_token"})
            return
        claims = jws.parse(own).unverified_claims
        dpop_module.check(
            self.headers["DPoP"], method="POST", url=f"{p.base}/introspect", token=own,
            jkt=claims["cnf"]["jkt"], now=time.time(), leeway=30, store=p.store,
        )  # fmt: skip
        assert claims["scope"] == "introspect"
        asked = jws.parse(form["token"]).unverified_claims
        active = asked["jti"] not in p.revoked
        self._send(200, {"active": True, **asked} if active else {"active": False})


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.server.shutdown()
    made.server.server_close()


def private(key: SigningKey, n: int) -> dict[str, str]:
    return {**key.public, "d": generate._scalar(n)}


@pytest.fixture
def client(portal: Portal) -> TokenClient:
    return TokenClient(portal.base, "cred_1", private(generate.CLIENT_KEY, 1003))


URL = f"{AUDIENCE}/v1/x"


def present(verifier: Verifier, client: TokenClient, token: str, **more: Any) -> Any:
    proof = client.proof("POST", URL, token)
    return verifier.verify(token, proof=proof, request=("POST", URL), policy=Scope("a:b"), **more)


def test_a_token_fetched_and_verified_by_discovery(portal: Portal, client: TokenClient) -> None:
    """A client's token is verified with keys that were found by the issuer's metadata."""
    access = present(Verifier(portal.base, AUDIENCE), client, client.token(resource=AUDIENCE))
    assert (access.client_id, access.scope) == ("cred_1", ("a:b",))


def test_a_proof_serves_once(portal: Portal, client: TokenClient) -> None:
    """The same proof a second time is a replay."""
    verifier, token = Verifier(portal.base, AUDIENCE), client.token(resource=AUDIENCE)
    proof = client.proof("POST", URL, token)
    verifier.verify(token, proof=proof, request=("POST", URL), policy=UnsafeNoOp())
    with pytest.raises(ProofInvalid, match="used before"):
        verifier.verify(token, proof=proof, request=("POST", URL), policy=UnsafeNoOp())


def test_a_token_is_held_until_shortly_before_it_expires(
    portal: Portal, client: TokenClient
) -> None:
    """Asking twice for the same token asks the issuer once; fetch always asks."""
    first = client.token(resource=AUDIENCE)
    assert client.token(resource=AUDIENCE) == first
    assert portal.asked["/token"] == 1
    assert client.fetch(resource=AUDIENCE) != first


def test_the_issuers_refusal_comes_through(portal: Portal) -> None:
    """A client with a wrong key gets the issuer's words, not a trace."""
    wrong = TokenClient(portal.base, "cred_1", private(generate.THIEF_KEY, 1004))
    with pytest.raises(TokenRefused) as refused:
        wrong.token(resource=AUDIENCE)
    assert refused.value.error == "invalid_client"


def test_a_rotation_is_noticed(
    portal: Portal, client: TokenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kid that is not known makes the verifier fetch the keys again, after the cool-down."""
    monkeypatch.setattr(issuer_module, "COOL_DOWN_SECONDS", 0.0)
    verifier = Verifier(portal.base, AUDIENCE)
    present(verifier, client, client.token(resource=AUDIENCE))
    portal.key = generate.OTHER_KEY
    portal.published.append(portal.key)
    present(verifier, client, client.fetch(resource=AUDIENCE))
    assert portal.asked["/jwks"] == 2


def test_unknown_keys_do_not_hammer_the_issuer(portal: Portal, client: TokenClient) -> None:
    """Fifty tokens with made-up kids make one fetch, not fifty."""
    verifier = Verifier(portal.base, AUDIENCE)
    token = client.token(resource=AUDIENCE)
    present(verifier, client, token)
    claims = jws.parse(token).unverified_claims
    for i in range(50):
        forged = generate.THIEF_KEY.jws({"typ": "at+jwt", "kid": f"k{i}"}, claims)
        with pytest.raises(SignatureInvalid):
            present(verifier, client, forged)
    assert portal.asked["/jwks"] == 1


def test_an_outage_leaves_the_last_good_keys(
    portal: Portal, client: TokenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the issuer is away, known keys serve on; after a day they do not."""
    verifier, token = Verifier(portal.base, AUDIENCE), client.token(resource=AUDIENCE)
    present(verifier, client, token)
    portal.answers = False
    monkeypatch.setattr(issuer_module, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(issuer_module, "COOL_DOWN_SECONDS", 0.0)
    present(verifier, client, token)
    monkeypatch.setattr(issuer_module, "STALE_MOST_SECONDS", 0.0)
    with pytest.raises(KeysUnavailable):
        present(verifier, client, token)


@pytest.mark.parametrize("fault", ["away", "other issuer", "redirect"])
def test_no_keys_no_access(portal: Portal, client: TokenClient, fault: str) -> None:
    """Without keys that are surely the issuer's nothing is verified, and the answer is 503."""
    token = client.token(resource=AUDIENCE)
    portal.answers = fault != "away"
    portal.metadata_issuer = "https://evil.example" if fault == "other issuer" else None
    portal.redirect = fault == "redirect"
    with pytest.raises(KeysUnavailable) as refused:
        present(Verifier(portal.base, AUDIENCE), client, token)
    assert refused.value.status == 503


def test_metadata_of_an_issuer_with_a_path() -> None:
    """The well-known part goes before the path (RFC 8414 section 3.1)."""
    well_known = "https://a.example/.well-known/oauth-authorization-server"
    assert metadata_url("https://a.example") == well_known
    assert metadata_url("https://a.example/program") == f"{well_known}/program"


def test_introspection_refuses_what_was_revoked(portal: Portal, client: TokenClient) -> None:
    """With an introspector, a revoked token is refused at once."""
    asks = Introspector(portal.base, "svc_1", private(generate.OTHER_KEY, 1002))
    verifier = Verifier(portal.base, AUDIENCE, introspector=asks)
    token = client.token(resource=AUDIENCE)
    present(verifier, client, token)
    portal.revoked.add(str(jws.parse(token).unverified_claims["jti"]))
    with pytest.raises(Inactive):
        present(verifier, client, token)


def test_introspection_gets_a_new_token_once(portal: Portal, client: TokenClient) -> None:
    """When the service's own token is refused, one new one is fetched and the question repeated."""
    asks = Introspector(portal.base, "svc_1", private(generate.OTHER_KEY, 1002))
    token = client.token(resource=AUDIENCE)
    assert asks.active(token)["active"] is True
    before = portal.asked["/token"]
    portal.forget_own = True
    assert asks.active(token)["active"] is True
    assert portal.asked["/token"] == before + 1


def test_introspection_closes_when_the_issuer_is_away(portal: Portal, client: TokenClient) -> None:
    """Who cannot ask does not accept: 503, never open."""
    asks = Introspector(portal.base, "svc_1", private(generate.OTHER_KEY, 1002))
    verifier = Verifier(portal.base, AUDIENCE, introspector=asks)
    token = client.token(resource=AUDIENCE)
    present(verifier, client, token)
    portal.answers = False
    with pytest.raises(IntrospectionUnavailable) as refused:
        present(verifier, client, token)
    assert refused.value.status == 503


def test_bearer_is_accepted_only_where_the_service_says_so() -> None:
    """An unbound token opens nothing unless the service was made with the unsafe word."""
    whole = {"keys": FixedKeys(generate.JWKS), "clock": lambda: float(generate.NOW)}
    token = generate.token(cnf=generate.GONE)
    allowed = Verifier(generate.ISSUER, AUDIENCE, unsafe_allow_bearer=True, **whole)
    assert allowed.verify(token, policy=UnsafeNoOp()).jkt == ""
    with pytest.raises(VerificationError, match="bound to no key"):
        Verifier(generate.ISSUER, AUDIENCE, **whole).verify(token, policy=UnsafeNoOp())


def test_leeway_is_bounded() -> None:
    """A verifier cannot be made with a leeway that swallows a token's lifetime."""
    with pytest.raises(ValueError, match="leeway"):
        Verifier("https://a.example", AUDIENCE, leeway=61)


def test_the_memory_store_is_bounded_and_forgets_what_expired() -> None:
    """Full of what still counts it refuses; what expired makes room."""
    store = MemoryReplayStore(most=2)
    assert store.first_time("a", 10, 0)
    assert store.first_time("b", 20, 0)
    assert not store.first_time("c", 20, 0)
    assert not store.first_time("a", 10, 9)
    assert store.first_time("c", 20, 11)
    assert len(store) == 2


def test_the_memory_store_lets_one_of_many_threads_through() -> None:
    """Sixteen threads with the same proof: one is first."""
    store, first = MemoryReplayStore(), []
    gate = threading.Barrier(16)

    def ask() -> None:
        gate.wait()
        first.append(store.first_time("x", 10, 0))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.count(True) == 1


@pytest.mark.parametrize("key", [generate.CLIENT_KEY, generate.ED_KEY])
def test_keys_sign_what_they_verify(key: SigningKey) -> None:
    """A signature holds for its content and for nothing else."""
    public = load_public(key.public)
    assert public.verifies(b"content", key.sign(b"content"))
    assert not public.verifies(b"contenu", key.sign(b"content"))


def test_rfc_7638_thumbprint() -> None:
    """The thumbprint of the RFC's own example key is the RFC's."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    "jwk",
    [{"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
     {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
     {**generate.CLIENT_KEY.public, "d": "AA"}],
)  # fmt: skip
def test_other_keys_are_not_loaded(jwk: dict[str, str]) -> None:
    """Symmetric, small, foreign and private keys are no public keys here."""
    with pytest.raises(ValueError, match=r"."):
        load_public(jwk)


def test_a_pem_key_signs_like_its_jwk() -> None:
    """A private key as PEM and as JWK is the same key."""
    from cryptography.hazmat.primitives import serialization as s

    pem = generate.CLIENT_KEY.native.private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
    ).decode()
    assert load_private(pem).public == generate.CLIENT_KEY.public


# ---------------------------------------------------------------------- guards


def _wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    access = environ.get("trusted_access")
    return [access.client_id.encode() if access else b"open"]


def _call(guard: WsgiGuard, path: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
    seen: list[Any] = []
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "SCRIPT_NAME": "",
               "trusted_access": "forged by an outer layer", **headers}  # fmt: skip
    body = b"".join(guard(environ, lambda status, heads: seen.extend((status, dict(heads)))))
    return seen[0], seen[1], body


def test_the_wsgi_guard(portal: Portal, client: TokenClient) -> None:
    """Guarded paths need token and proof; what is refused says why, in the RFC's challenge."""
    guard = WsgiGuard(_wsgi, Verifier(portal.base, AUDIENCE), Scope("a:b"), base_url=AUDIENCE,
                      protect=("/v1/",))  # fmt: skip
    token = client.token(resource=AUDIENCE)
    proof = client.proof("POST", URL, token)
    status, _, body = _call(guard, "/v1/x", HTTP_AUTHORIZATION=f"DPoP {token}", HTTP_DPOP=proof)
    assert (status, body) == ("200 OK", b"cred_1")
    assert _call(guard, "/healthz")[2] == b"open"
    status, headers, body = _call(guard, "/v1/x")
    assert status.startswith("401")
    assert headers["WWW-Authenticate"].startswith('DPoP error="invalid_token"')
    assert json.loads(body)["code"] == "token_missing"
    fresh = client.proof("POST", URL, token)
    status, _, body = _call(guard, "/v1/x", HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_DPOP=fresh)
    assert (status[:3], json.loads(body)["code"]) == ("401", "proof_missing")
    narrow = WsgiGuard(_wsgi, Verifier(portal.base, AUDIENCE), Scope("x:y"), base_url=AUDIENCE)
    status, headers, _ = _call(narrow, "/v1/x", HTTP_AUTHORIZATION=f"DPoP {token}",
                               HTTP_DPOP=client.proof("POST", URL, token))  # fmt: skip
    assert status.startswith("403")
    assert "insufficient_scope" in headers["WWW-Authenticate"]


def test_the_asgi_guard(portal: Portal, client: TokenClient) -> None:
    """The same before an ASGI application; two DPoP headers are refused."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope.get("trusted_access"))

    guard = AsgiGuard(app, Verifier(portal.base, AUDIENCE), Scope("a:b"), base_url=AUDIENCE)
    token = client.token(resource=AUDIENCE)

    def ask(count: int) -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        proofs = [(b"dpop", client.proof("POST", URL, token).encode()) for _ in range(count)]
        headers = [(b"authorization", f"DPoP {token}".encode()), *proofs]
        scope = {"type": "http", "path": "/v1/x", "method": "POST", "headers": headers}
        asyncio.run(guard(scope, None, send))
        return sent

    assert ask(1) == []
    assert seen[0].client_id == "cred_1"
    assert ask(2)[0]["status"] == 401
    assert ask(0)[0]["status"] == 401
    assert len(seen) == 1


def test_an_issuers_answer_is_bounded(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key set that never ends is refused by size."""
    monkeypatch.setattr(issuer_module, "MOST_BYTES", 100)
    with pytest.raises(KeysUnavailable, match="more than"):
        Issuer(portal.base).metadata()
