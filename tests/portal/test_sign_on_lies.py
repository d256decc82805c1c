"""Providers that lie, disappear or change keys: each is met with words, and changes nothing."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask
from joserfc import jwk
from joserfc.errors import SecurityWarning
from sqlalchemy import select

from portal import clock, outgoing
from portal.desk.tables import sessions
from portal.extensions import db
from tests.portal.ledger import history
from tests.portal.provider import Provider
from tests.portal.sign_on import ANN, Browser, configure, portal, proven
from tests.signing import GONE, compact, generate

BELIEVED = "cannot be believed"
ADDRESS = "cannot sign you in here"


def refused(app: Flask, org: Any, provider: Provider, words: str, *, by_start: bool = False) -> str:
    """Go there and back: a page in words, and nothing changed; the page's text."""
    before, browser = history.written(), Browser(app)
    start = f"/sign-on/{org.id}/start"
    answer = browser.ask(start) if by_start else browser.through(org, provider)
    assert answer.status_code == 400, answer.text
    assert "You are not signed in" in answer.text
    assert words in answer.text, answer.text
    assert browser.who() == ""
    assert history.written() == before
    with db.engine.connect() as connection:
        assert connection.execute(select(sessions)).all() == []
    return answer.text


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"iss": "https://elsewhere.example"}, "hold: iss"),
        ({"iss": GONE}, "hold: iss"),
        ({"aud": "somebody-else"}, "hold: aud"),
        ({"aud": ["portal-at-harbor", "somebody-else"]}, "hold: azp"),
        ({"azp": "somebody-else"}, "hold: azp"),
        ({"aud": GONE}, "hold: aud"),
        ({"nonce": "another"}, "hold: nonce"),
        ({"nonce": GONE}, "hold: nonce"),
        ({"exp": int(time.time()) - 3600}, "hold: exp"),
        ({"exp": GONE}, "hold: exp"),
        ({"exp": "tomorrow"}, "hold: exp"),
        ({"iat": int(time.time()) + 7200}, "hold: iat"),
        ({"iat": GONE}, "hold: iat"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "hold: at_hash"),
        ({"sub": GONE}, "hold: sub"),
        ({"sub": 7}, "hold: sub"),
        ({"sub": "x" * 256}, "about whom it speaks"),
    ],
)
def test_a_claim_that_does_not_hold(
    house: Flask, provider: Provider, lie: dict[str, Any], words: str
) -> None:
    """Wrong or missing issuer, audience, party, nonce, times, access token's hash, subject."""
    org = proven()
    configure(org, provider)
    provider.claims = lie
    text = refused(house, org, provider, words)
    assert BELIEVED in text


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"email_verified": False}, "not verified"),
        ({"email_verified": "true"}, "not verified"),
        ({"email_verified": GONE}, "not verified"),
        ({"email": GONE}, "names no e-mail address"),
        ({"email": 7}, "names no e-mail address"),
        ({"email": "ann@harborcert.example ann@evil.example"}, "names no e-mail address"),
        ({"email": "ann@evil.example"}, "in no domain"),
        ({"email": "ann@sub.harborcert.example"}, "in no domain"),
        ({"email": "ann@harborcert.example.evil.example"}, "in no domain"),
    ],
)
def test_an_address_that_is_not_vouched_for(
    house: Flask, provider: Provider, lie: dict[str, Any], words: str
) -> None:
    """Unverified, absent, or outside the organization's proven domains."""
    org = proven()
    configure(org, provider)
    provider.claims = lie
    assert ADDRESS in refused(house, org, provider, words)


def test_an_address_in_a_domain_that_is_only_claimed(house: Flask, provider: Provider) -> None:
    """A claim without its proof gives nobody a right to the addresses in it."""
    org = proven()
    configure(org, provider)
    owner = Browser(house)
    owner.sign_in(org.owner)
    owner.post(f"/organizations/{org.id}/domains", domain="claimed.example")
    owner.post("/sign-out")
    provider.claims = {"email": "ann@claimed.example"}
    refused(house, org, provider, "in no domain")


class Shared:
    """A public key's text as if it were a secret: no library would make such a key."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def get_op_key(self, _operation: str) -> bytes:
        return self.secret


def test_a_signature_that_does_not_hold(house: Flask, provider: Provider) -> None:
    """None at all, a shared secret made of the public key, another's key, another's algorithm."""
    org = proven()
    configure(org, provider)
    honest = provider.key
    published = [{**honest.as_dict(private=False), "kid": "one", "use": "sig"}]
    provider.keys = published
    provider.alg = "none"
    refused(house, org, provider, "signed with none of RS256")
    provider.alg, provider.key = "HS256", Shared(honest.as_pem(private=False))
    refused(house, org, provider, "signed with none of RS256")
    provider.alg, provider.key = "RS256", generate("RSA")
    refused(house, org, provider, "signature of its ID token does not hold")
    provider.alg, provider.key = "ES256", generate("EC")
    refused(house, org, provider, "a key that it does not publish")
    provider.alg, provider.key = "RS512", honest
    refused(house, org, provider, "signed with none of RS256")


@pytest.mark.parametrize("weak", ["small", "private", "other-use"])
def test_a_key_that_is_not_to_be_trusted(house: Flask, provider: Provider, weak: str) -> None:
    """Too small, published with its private half, or for encryption: it signs nobody in."""
    org = proven()
    configure(org, provider)
    if weak == "small":
        with pytest.warns(SecurityWarning):
            provider.key = jwk.RSAKey.generate_key(1024)
    shown = provider.key.as_dict(private=weak == "private")
    provider.keys = [{**shown, "kid": "one", "use": "enc" if weak == "other-use" else "sig"}]
    refused(house, org, provider, "a key that it does not publish")


@pytest.mark.parametrize(
    "token", [GONE, 7, "x", "a.b.c", "x" * 9000, compact({"alg": "RS256"}, "[]", generate("RSA"))]
)
def test_an_id_token_that_cannot_be_read(house: Flask, provider: Provider, token: Any) -> None:
    """Absent, no text, no JWS, too long, or with no object inside."""
    org = proven()
    configure(org, provider)
    provider.answer = {"id_token": token}
    refused(house, org, provider, BELIEVED)


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"iss": "https://elsewhere.example"}, "another provider sent you back"),
        ({"iss": GONE}, "another provider sent you back"),
        ({"code": GONE}, "it sent no code"),
        ({"code": GONE, "error": "access_denied"}, "access denied"),
        ({"code": GONE, "error": "<b>Call 555-0100</b>"}, "did not sign you in."),
    ],
)
def test_a_way_back_that_does_not_hold(
    house: Flask, provider: Provider, lie: dict[str, Any], words: str
) -> None:
    """Mixed up, without its issuer, without a code, or with a refusal, of which only a plain code
    is repeated."""
    org = proven()
    configure(org, provider)
    provider.sent_back = lie
    assert "555" not in refused(house, org, provider, words)
    assert provider.forms == []


def test_an_issuer_that_is_not_announced_is_not_missed(house: Flask, provider: Provider) -> None:
    """A provider that never learned to name itself signs people in; one that names another does
    not, announced or no."""
    org = proven()
    configure(org, provider)
    provider.metadata = {"authorization_response_iss_parameter_supported": GONE}
    provider.sent_back = {"iss": "https://elsewhere.example"}
    refused(house, org, provider, "another provider sent you back")
    provider.sent_back = {"iss": GONE}
    assert Browser(house).through(org, provider).status_code == 302


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "invalid_grant"},
        {"error": {"a": 1}},
        {"token_type": GONE, "id_token": GONE},
        {"expires_in": 1e400},
        {"expires_in": [1]},
        {"expires_in": "soon"},
    ],
)
def test_a_code_that_is_not_taken(house: Flask, provider: Provider, answer: dict[str, Any]) -> None:
    """The token endpoint refuses, or answers with something else."""
    org = proven()
    configure(org, provider)
    provider.answer = answer
    refused(house, org, provider, BELIEVED)


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"issuer": "https://elsewhere.example"}, "names another issuer"),
        ({"issuer": GONE}, "names another issuer"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "token_endpoint is not an https"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is not an https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is not"),
        ({"authorization_endpoint": GONE}, "authorization_endpoint is not"),
        ({"token_endpoint": "https://a@b.example/"}, "token_endpoint is not"),
        ({"token_endpoint": "https://[/"}, "token_endpoint is not"),
        ({"token_endpoint": "https://b.example/\x00"}, "token_endpoint is not"),
        ({"response_types_supported": ["id_token"]}, "authorization code flow"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "signs with none of"),
    ],
)
def test_a_discovery_document_that_does_not_hold(
    house: Flask, provider: Provider, lie: dict[str, Any], words: str
) -> None:
    """Another issuer, endpoints that are no https URLs, no code flow, no algorithm of ours."""
    org = proven()
    configure(org, provider)
    provider.metadata = lie
    refused(house, org, provider, words, by_start=True)


@pytest.mark.parametrize(
    ("how", "words"),
    [("redirect", "sent us to another address"), ("huge", "longer than 512 KiB"),
     ("text", "did not answer with JSON"), ("slow", "within 5 seconds"),
     ("drip", "within 5 seconds"), ("headers", "within 5 seconds"), ("squeezed", "compressed")],
)  # fmt: skip
@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_does_not_answer_as_it_should(
    house: Flask, provider: Provider, how: str, words: str, where: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Slow, drop by drop (also before its answer begins), huge, compressed, redirecting or not
    JSON, at each place where it is asked: told in words, and in time."""
    monkeypatch.setattr(outgoing, "SECONDS", 0.6)
    words = words.replace("5 seconds", "1 seconds")
    org = proven()
    configure(org, provider)
    provider.broken = {where: how}
    if where == "/token" and how == "text":
        words = "did not take the code"
    began = time.monotonic()
    refused(house, org, provider, words, by_start=where.startswith("/.well"))
    assert time.monotonic() - began < 5
    assert "/elsewhere" not in provider.asked
    assert "all of it was read" not in provider.asked


def test_the_limits_are_what_the_words_say() -> None:
    """Five seconds and 512 KiB, as the how-to promises."""
    assert (outgoing.SECONDS, outgoing.MOST_BYTES) == (5.0, 512 * 1024)


def test_a_provider_that_is_gone(house: Flask, provider: Provider) -> None:
    """Nothing listens: said so, also half way."""
    org = proven()
    configure(org, provider)
    provider.metadata = {"token_endpoint": "http://127.0.0.1:9/token"}
    refused(house, org, provider, "there was no connection")


def test_keys_are_asked_for_again_once_a_minute(house: Flask, provider: Provider) -> None:
    """New keys are found when a token names one; unknown ones make the portal ask once a minute
    and no more, however many come."""
    org = proven()
    configure(org, provider)
    with time_machine.travel(clock.now(), tick=True) as now:
        assert Browser(house).through(org, provider).status_code == 302
        assert Browser(house).through(org, provider).status_code == 302
        assert provider.asked.count("/jwks") == 1
        provider.key, provider.kid = generate("RSA"), "two"
        provider.keys = [{**provider.key.as_dict(private=False), "kid": "two"}]
        for _ in range(3):
            assert "does not publish" in Browser(house).through(org, provider).text
        assert provider.asked.count("/jwks") == 1
        now.shift(timedelta(seconds=61))
        assert Browser(house).through(org, provider).status_code == 302
        assert provider.asked.count("/jwks") == 2
        now.shift(timedelta(minutes=50))
        assert Browser(house).through(org, provider).status_code == 302
        assert provider.asked.count("/jwks") == 2
        now.shift(timedelta(minutes=11))  # old keys are not believed for ever
        assert Browser(house).through(org, provider).status_code == 302
        assert provider.asked.count("/jwks") == 3


def test_keys_that_fail_to_come_are_not_asked_for_at_once(house: Flask, provider: Provider) -> None:
    """A provider that is down is not asked by every browser, and its old keys do not live on."""
    org = proven()
    configure(org, provider)
    with time_machine.travel(clock.now(), tick=True) as now:
        assert Browser(house).through(org, provider).status_code == 302
        now.shift(timedelta(minutes=61))
        provider.broken = {"/jwks": "text"}
        for words in ("did not answer with JSON", "does not publish", "does not publish"):
            assert words in Browser(house).through(org, provider).text
        assert provider.asked.count("/jwks") == 2
        provider.broken = {}
        now.shift(timedelta(seconds=61))
        assert Browser(house).through(org, provider).status_code == 302


def test_a_token_without_a_key_id(house: Flask, provider: Provider) -> None:
    """With one key it can be meant; of two, none is guessed."""
    org = proven()
    configure(org, provider)
    provider.kid = None
    assert Browser(house).through(org, provider).status_code == 302
    other = {**generate("RSA").as_dict(private=False), "kid": "other"}
    provider.keys = [*provider.key_set()["keys"], other]
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=True):
        assert "does not publish" in Browser(house).through(org, provider).text


@pytest.mark.parametrize("allowed", [[], ["10.0.0.0/8"]])
def test_private_addresses_are_not_asked(
    tmp_path: Path, provider: Provider, allowed: list[str]
) -> None:
    """Unless the settings name them: neither loopback by http, nor anything inside by https."""
    with portal(tmp_path, private_destinations=allowed):
        for url in (provider.issuer, "http://localhost/", "http://93.184.216.34/"):
            with pytest.raises(outgoing.Unreachable, match="only https"):
                outgoing.get_json(url)
        port = provider.issuer.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "192.168.0.1"):
            with pytest.raises(outgoing.Unreachable, match="not public"):
                outgoing.get_json(f"https://{host}:{port}/")
        with outgoing.guard(requests.Session()) as session:
            assert session.trust_env is False
    assert provider.asked == []


def test_the_host_is_named_with_its_port(house: Flask, provider: Provider) -> None:
    """The guard connects to an address and still names the host as the URL does."""
    seen = outgoing.guard(requests.Session())
    with seen as session:
        request = session.prepare_request(requests.Request("GET", f"{provider.issuer}/jwks"))
        assert session.send(request).status_code == 200
    assert request.headers["Host"] == provider.issuer.removeprefix("http://")
    assert ANN not in str(request.headers)
