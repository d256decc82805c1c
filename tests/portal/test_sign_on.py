"""Signing in through an organization's provider: the honest way, and whose account it leads to."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock, ids, vault
from portal.boards import accounts, organizations, sign_ons
from portal.desk.tables import pending_links, sessions, sign_on_attempts, sign_on_subjects
from portal.extensions import db
from portal.ledger import perform
from portal.ledger.tables import events
from tests import builders
from tests.portal import provider as providers
from tests.portal.provider import CLIENT, SECRET, Provider
from tests.portal.sign_on import (
    ANN,
    Browser,
    account,
    configure,
    events_of,
    give_passkey,
    mails_to,
    proven,
)
from tests.signing import GONE, generate
from workflows.account.commands.appoint import Appoint
from workflows.actors import Strength, operator
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.remove_sign_on import RemoveSignOn


def test_the_first_sign_in_opens_an_account_and_makes_no_member(
    house: Flask, provider: Provider
) -> None:
    """An address of the organization's own, never seen before: an account with a name, a link on
    record, a session as weak as a mailed link's, and no membership, which the page says."""
    org = proven()
    configure(org, provider)
    browser = Browser(house)
    answer = browser.through(org, provider)
    assert answer.status_code == 302
    assert "makes nobody a member" in browser.ask("/account").text
    assert browser.who() == "Ann Harbor"
    assert "through your organization" in browser.ask("/account").text
    assert "Through your organization" in browser.ask("/account/devices").text
    assert events_of(account()) == ["Opened", "SignOnLinked"]
    assert accounts.address(account()) == ANN
    assert organizations.of(account()) == {}
    with db.engine.connect() as connection:
        row = connection.execute(select(sessions)).one()
        written = connection.execute(select(events.c.data)).scalars().all()
        assert connection.execute(select(sign_on_attempts)).all() == []
    assert (row.strength, row.via) == (int(Strength.LINK), org.id)
    assert not any(ANN in text or '"ann"' in text for text in written)
    assert "linked to your account" in "".join(mails_to(ANN))


def test_the_second_time_it_is_the_same_account(house: Flask, provider: Provider) -> None:
    """By issuer and subject, also when the provider calls the address differently by then."""
    org = proven()
    configure(org, provider)
    Browser(house).through(org, provider)
    provider.claims = {"email": "ann.married@harborcert.example"}
    browser = Browser(house)
    assert browser.through(org, provider).status_code == 302
    assert browser.who() == "Ann Harbor"
    assert events_of(account()) == ["Opened", "SignOnLinked"]
    assert account("ann.married@harborcert.example") == ""


def test_the_request_is_as_the_standards_ask(house: Flask, provider: Provider) -> None:
    """Code flow, PKCE by S256, state, nonce, our redirect URI; no address of anybody."""
    org = proven()
    configure(org, provider)
    browser = Browser(house)
    asked = dict(parse_qsl(urlsplit(browser.start(org)).query))
    again = dict(parse_qsl(urlsplit(browser.start(org)).query))
    fresh = ("state", "nonce", "code_challenge")
    assert all(asked[name] != again[name] and len(asked[name]) >= 43 for name in fresh)
    assert {k: v for k, v in asked.items() if k not in fresh} == {
        "client_id": CLIENT, "response_type": "code", "scope": "openid email profile",
        "code_challenge_method": "S256",
        "redirect_uri": "http://localhost:8000/sign-on/callback",
    }  # fmt: skip
    with db.engine.connect() as connection:
        kept = str(connection.execute(select(sign_on_attempts)).all())
    assert not any(asked[name] in kept for name in fresh)


def test_the_portal_proves_itself_by_a_key_of_the_organization(
    house: Flask, provider: Provider
) -> None:
    """A client assertion for a minute, signed by the key that is published; each key set is of one
    organization, and that of nobody is empty."""
    org, other = proven(), proven("Other", "other.example")
    configure(org, provider)
    browser = Browser(house)
    browser.through(org, provider)
    shown = browser.ask(f"/sign-on/{org.id}/jwks.json").json
    claims = providers.assertion(provider.forms[0], shown)
    assert (claims["iss"], claims["sub"]) == (CLIENT, CLIENT)
    assert claims["aud"] == f"{provider.issuer}/token"
    assert claims["exp"] - claims["iat"] <= 60
    assert "client_secret" not in provider.forms[0]
    assert set(shown["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}
    for nobody in (other.id, "org_unknown"):
        assert browser.ask(f"/sign-on/{nobody}/jwks.json").json == {"keys": []}


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"]])
def test_the_portal_proves_itself_by_a_secret(
    house: Flask, provider: Provider, methods: list[str]
) -> None:
    """In the way that the provider takes, and in no other place."""
    org = proven()
    configure(org, provider, "client_secret")
    provider.metadata = {"token_endpoint_auth_methods_supported": methods}
    browser = Browser(house)
    browser.through(org, provider)
    assert browser.who() == "Ann Harbor"
    posted = methods == ["client_secret_post"]
    assert provider.forms[0].get("client_secret") == (SECRET if posted else None)
    assert provider.authorizations == ["" if posted else providers.basic(CLIENT, SECRET)]


def test_an_address_from_the_userinfo_endpoint(house: Flask, provider: Provider) -> None:
    """A provider may keep the address out of the ID token; it must speak of the same person."""
    org = proven()
    configure(org, provider)
    provider.metadata = {"userinfo_endpoint": f"{provider.issuer}/userinfo"}
    provider.claims = {"email": GONE, "email_verified": GONE}
    provider.info = {"sub": "bob", "email": ANN, "email_verified": True}
    refused = Browser(house).through(org, provider)
    assert refused.status_code == 400
    assert account() == ""
    for odd in ("\ud800@harborcert.example", ["ann"], None):
        provider.info = {"sub": "ann", "email": odd, "email_verified": True}
        assert Browser(house).through(org, provider).status_code == 400
    provider.info["email"] = ANN
    browser = Browser(house)
    assert browser.through(org, provider).status_code == 302
    assert account() != ""


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_every_allowed_signature_holds(house: Flask, provider: Provider, alg: str) -> None:
    """Each algorithm of the list, with a key of its kind."""
    org = proven()
    configure(org, provider)
    provider.alg = alg
    provider.key = generate({"ES256": "EC", "EdDSA": "OKP"}.get(alg, "RSA"))
    browser = Browser(house)
    assert browser.through(org, provider).status_code == 302
    assert browser.who() == "Ann Harbor"


def test_an_account_that_is_there_is_linked_by_its_person_alone(
    house: Flask, provider: Provider
) -> None:
    """The provider's word signs nobody in to an account that it did not open: its person signs in
    with their passkey in that browser and presses the button; then it does."""
    org, ann = proven(), builders.person("Ann", ANN)
    configure(org, provider)
    give_passkey(ann)
    browser = Browser(house)
    answer = browser.through(org, provider)
    assert answer.location == "/sign-on/confirm"
    assert browser.who() == ""
    page = browser.ask("/sign-on/confirm").text
    assert "Sign in with your passkey" in page
    assert "Link them" not in page
    assert browser.post("/sign-on/confirm").location.startswith("/sign-in")
    browser.sign_in(ann)
    assert "Link them" in browser.ask("/sign-on/confirm").text
    assert events_of(ann.id).count("SignOnLinked") == 0
    assert browser.post("/sign-on/confirm").location == "/account"
    assert events_of(ann.id).count("SignOnLinked") == 1
    assert browser.ask("/sign-on/confirm").status_code == 404
    fresh = Browser(house)
    assert fresh.through(org, provider).location == "/home"
    assert fresh.who() == "Ann"


def test_nobody_else_confirms(house: Flask, provider: Provider) -> None:
    """Neither another person in that browser, nor the person in another browser, nor whoever has
    the person's mailed link alone while the account has a passkey."""
    org, ann, thief = proven(), builders.person("Ann", ANN), builders.person("A Thief")
    configure(org, provider)
    give_passkey(ann)
    browser, elsewhere = Browser(house), Browser(house)
    browser.through(org, provider)
    browser.sign_in(thief)
    assert "signed in to another account" in browser.ask("/sign-on/confirm").text
    assert browser.post("/sign-on/confirm").status_code == 404
    elsewhere.sign_in(ann)
    assert elsewhere.post("/sign-on/confirm").status_code == 404
    browser.sign_in(ann, Strength.LINK)
    assert browser.post("/sign-on/confirm").status_code == 403
    assert "SignOnLinked" not in events_of(ann.id, thief.id)
    with db.engine.connect() as connection:
        assert connection.execute(select(sign_on_subjects)).all() == []


def test_a_mailed_link_confirms_an_account_without_a_passkey(
    house: Flask, provider: Provider
) -> None:
    """The link that the page sends leads back to it, in the same browser, and then it is linked."""
    org, ann = proven(), builders.person("Ann", ANN)
    configure(org, provider)
    browser = Browser(house)
    browser.through(org, provider)
    assert browser.post("/sign-on/confirm/link").location == "/sign-in/sent"
    link = re.search(r"/link/\S+", mails_to(ANN)[0])
    assert link
    assert browser.post(link[0]).location == "/sign-on/confirm"
    assert browser.post("/sign-on/confirm").location == "/account"
    assert events_of(ann.id)[-1] == "SignOnLinked"


def test_what_waits_can_be_discarded_and_expires(house: Flask, provider: Provider) -> None:
    """Discarded, too old, or of a configuration that is gone, it links nothing any more."""
    org, ann = proven(), builders.person("Ann", ANN)
    configure(org, provider)
    for end in ("discard", "time", "configuration"):
        browser = Browser(house)
        browser.through(org, provider)
        browser.sign_in(ann)
        assert browser.ask("/sign-on/confirm").status_code == 200
        if end == "discard":
            assert browser.post("/sign-on/confirm/discard").status_code == 302
            assert browser.post("/sign-on/confirm").status_code == 404
        elif end == "time":
            with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
                assert browser.post("/sign-on/confirm").status_code == 404
        else:
            perform(RemoveSignOn(org.id), org.owner)
            assert browser.post("/sign-on/confirm").status_code == 404
    assert "SignOnLinked" not in events_of(ann.id)
    with db.engine.connect() as connection:
        assert ANN not in str(connection.execute(select(pending_links)).all())


def test_unlinking_ends_it(house: Flask, provider: Provider) -> None:
    """Taken off by its person, and by nobody else, the identity signs in to the account no more:
    it has to be linked again."""
    org = proven()
    configure(org, provider)
    browser = Browser(house)
    browser.through(org, provider)
    [row] = sign_ons.linked_to(account())
    thief = Browser(house)
    thief.sign_in(builders.person("A Thief"))
    assert thief.post(f"/account/sign-ons/{row.link}/remove").status_code == 404
    assert browser.post(f"/account/sign-ons/{row.link}/remove").location == "/account"
    assert Browser(house).through(org, provider).location == "/sign-on/confirm"
    assert sign_ons.linked_to(account()) == []


def test_another_organizations_provider_signs_none_of_ours_in(
    house: Flask, provider: Provider
) -> None:
    """Not by claiming an address of ours, nor by the same issuer and subject through its own
    configuration: nothing changes."""
    org, other = proven(), proven("Other", "other.example")
    configure(org, provider)
    configure(other, provider)
    Browser(house).through(org, provider)
    before = events_of(account())
    for lie in ({}, {"email": "ann@other.example"}, {"sub": "bob"}):
        provider.claims = lie
        browser = Browser(house)
        assert browser.through(other, provider).status_code == 400
        assert browser.who() == ""
    assert events_of(account()) == before


def test_a_way_back_of_one_organization_is_not_taken_for_another(
    house: Flask, provider: Provider
) -> None:
    """What was begun for one and comes from the other's provider is refused by its name."""
    org, other = proven(), proven("Other", "other.example")
    with providers.standing() as evil:
        configure(org, provider)
        configure(other, evil)
        browser = Browser(house)
        url = browser.start(org)
        evil.codes["code-0"] = {}
        state = parse_qs(urlsplit(url).query)["state"][0]
        back = f"/sign-on/callback?code=code-0&state={state}&iss={evil.issuer}"
        answer = browser.ask(back)
        assert answer.status_code == 400
        assert "another provider sent you back" in answer.text
        assert evil.forms == provider.forms == []


def test_nobody_comes_in_once_it_is_removed(house: Flask, provider: Provider) -> None:
    """Neither anew nor half way, and whoever was signed in through it is signed out."""
    org = proven()
    configure(org, provider)
    inside, half_way = Browser(house), Browser(house)
    inside.through(org, provider)
    url = half_way.start(org)
    owner = Browser(house)
    owner.sign_in(org.owner)
    assert owner.post(f"/organizations/{org.id}/sign-on/remove").status_code == 302
    assert inside.who() == ""
    assert half_way.ask(provider.authorize(url)).status_code == 404
    assert half_way.ask(f"/sign-on/{org.id}/start").status_code == 404
    assert half_way.who() == ""


def test_a_provider_of_before_is_not_the_provider_of_now(house: Flask, provider: Provider) -> None:
    """An identity is of its issuer: the same subject at another issuer is nobody's yet."""
    org = proven()
    configure(org, provider)
    Browser(house).through(org, provider)
    with providers.standing() as new:
        half_way = Browser(house)
        url = half_way.start(org)
        configure(org, new)
        changed = half_way.ask(provider.authorize(url))
        assert changed.status_code == 400
        assert "changed its configuration" in changed.text
        assert Browser(house).through(org, new).location == "/sign-on/confirm"


def test_a_state_is_of_one_browser_once_and_for_ten_minutes(
    house: Flask, provider: Provider
) -> None:
    """Another browser's, used, late or made up: none of them signs anybody in."""
    org = proven()
    configure(org, provider)
    mine, other = Browser(house), Browser(house)
    other.start(org)  # it has a secret of its own
    back = provider.authorize(mine.start(org))
    made_up = back.replace("state=", "state=x")
    for browser, where in ((other, back), (Browser(house), back), (mine, made_up)):
        answer = browser.ask(where)
        assert answer.status_code == 400
        assert "not begun in this browser" in answer.text
    late = provider.authorize(mine.start(org))
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        assert mine.ask(late).status_code == 400
    assert account() == ""
    assert mine.ask(back).status_code == 302
    assert mine.who() == "Ann Harbor"
    assert mine.ask(back).status_code == 400
    assert mine.ask("/sign-on/callback").status_code == 400


@pytest.mark.parametrize(
    ("said", "counts", "strength"),
    [({"amr": ["hwk"]}, True, 3), ({"amr": ["pwd", "fido"]}, True, 3), ({"acr": "phr"}, True, 3),
     ({"acr": "phrh"}, True, 3), ({"amr": ["hwk"]}, False, 1), ({"amr": ["pwd", "otp"]}, True, 1),
     ({"amr": "hwk"}, True, 1), ({"acr": ["phr"]}, True, 1), ({}, True, 1)],
)  # fmt: skip
def test_what_counts_as_a_passkey(
    house: Flask, provider: Provider, said: dict[str, object], counts: bool, strength: int
) -> None:
    """Only what the provider calls phishing-resistant, where the organization lets it count."""
    org = proven()
    configure(org, provider, counts_as_passkey=counts)
    provider.claims = said
    answer = Browser(house).through(org, provider)
    if "amr" in said and not isinstance(said["amr"], list):
        assert answer.status_code == 400
        return
    assert answer.status_code == 302
    with db.engine.connect() as connection:
        assert connection.execute(select(sessions.c.strength)).scalar_one() == strength


def test_staff_never_get_more_than_a_links_strength(house: Flask, provider: Provider) -> None:
    """Also somebody who becomes staff while they are signed in that way: the staff's pages stay
    shut, from the very next request."""
    org = proven()
    configure(org, provider, counts_as_passkey=True)
    provider.claims = {"amr": ["hwk"]}
    browser = Browser(house)
    browser.through(org, provider)
    perform(Appoint(account(), "reviewer"), operator("tests"))
    assert browser.ask("/staff/queue").status_code == 403
    later = Browser(house)
    later.through(org, provider)
    assert later.ask("/staff/queue").status_code == 403
    with db.engine.connect() as connection:
        rows = connection.execute(select(sessions.c.strength).order_by(sessions.c.started_at))
        assert list(rows.scalars()) == [3, 1]


def test_a_providers_passkey_touches_no_passkey_of_the_account(
    house: Flask, provider: Provider
) -> None:
    """Whoever came in through a provider, however strongly, neither adds to a person's passkeys nor
    takes one away, nor configures the provider."""
    org = proven()
    configure(org, provider, counts_as_passkey=True)
    provider.claims = {"amr": ["hwk"]}
    browser = Browser(house)
    browser.through(org, provider)
    ann = builders.again(builders.Actor(account()))
    give_passkey(ann)
    give_passkey(ann)
    keys = accounts.passkeys_of(account())
    answer = browser.post("/account/passkeys/remove", passkey=keys[0].passkey)
    assert answer.status_code == 403
    assert len(accounts.passkeys_of(account())) == 2
    invitation = ids.new("inv")
    kept, end = vault.put(org.id, ANN), clock.iso_in(days=7)
    perform(Invite(org.id, invitation, kept, "admin", end), org.owner)
    perform(AcceptInvitation(org.id, invitation), ann)
    path = f"/organizations/{org.id}/sign-on"
    for verb in ("", "/require", "/lift", "/remove"):
        answer = browser.post(f"{path}{verb}", issuer="https://evil.example")
        assert answer.status_code == 403
    assert browser.ask(path).status_code == 200
