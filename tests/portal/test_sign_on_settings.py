"""Configuring, requiring and removing single sign-on, through the organization's page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from portal import clock, health, ids, vault
from portal.boards import accounts, sign_ons
from portal.desk import client_secrets, links
from portal.desk.tables import providers as asked
from portal.extensions import db
from portal.installation import settings
from portal.ledger import perform
from tests import builders
from tests.portal import provider as providers
from tests.portal.ledger import history
from tests.portal.people import ask, look
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
from workflows.actors import Actor, Strength, robot
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn


def path(org: builders.Org, verb: str = "") -> str:
    return f"/organizations/{org.id}/sign-on{verb}"


def form(provider: Provider, **changes: str) -> dict[str, str]:
    whole = {"issuer": provider.issuer, "client_id": CLIENT, "then": "save",
             "authentication": "private_key_jwt"}  # fmt: skip
    return whole | changes


def required(org: builders.Org, provider: Provider) -> None:
    """Configured, shown to work by the owner, and required."""
    configure(org, provider)
    perform(ProveSignOn(org.id, org.owner.id, provider.issuer, CLIENT), robot("sign_on"))
    perform(RequireSignOn(org.id), builders.again(org.owner))


def test_asking_the_provider_configures_nothing(house: Flask, provider: Provider) -> None:
    """The page shows what to copy and what the provider says; the ledger stays as it was, and the
    key is published from then on."""
    org = proven()
    before = events_of(org.id)
    answer = ask(house, org.owner, path(org), **form(provider, then="ask", client_id=""))
    assert answer.status_code == 200
    for words in (
        "http://localhost:8000/sign-on/callback", f"/sign-on/{org.id}/jwks.json",
        f"{provider.issuer}/authorize", "RS256, PS256, ES256, EdDSA", "private_key_jwt",
    ):  # fmt: skip
        assert words in answer.text
    assert events_of(org.id) == before
    assert len(Browser(house).ask(f"/sign-on/{org.id}/jwks.json").json["keys"]) == 1


def test_keeping_a_configuration(house: Flask, provider: Provider) -> None:
    """On record with issuer, client id and the way of proving; owners are told by mail."""
    org = proven()
    assert ask(house, org.owner, path(org), **form(provider)).status_code == 302
    row = sign_ons.of_organization(org.id, org.owner)
    assert row is not None
    assert (row.issuer, row.client_id, row.authentication) == (
        provider.issuer, CLIENT, "private_key_jwt",
    )  # fmt: skip
    assert (row.counts_as_passkey, row.required) == (0, 0)
    page = look(house, org.owner, path(org))
    assert provider.issuer in page
    assert "sign in through it once yourself" in page
    assert Browser(house).through(org, provider).status_code == 302
    owner = accounts.address(org.owner.id) or ""
    assert any("single sign-on was configured" in t for t in mails_to(owner))


def test_a_secret_is_sealed_and_never_shown(house: Flask, provider: Provider) -> None:
    """It is in no table, no page and no event; leaving it out keeps it for that provider alone."""
    org = proven()
    secret = form(provider, authentication="client_secret", client_secret=SECRET)
    assert ask(house, org.owner, path(org), **secret).status_code == 302
    assert SECRET not in look(house, org.owner, path(org))
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            assert SECRET not in str(rows), table
    again = secret | {"client_secret": "", "counts_as_passkey": "y"}
    assert ask(house, org.owner, path(org), **again).status_code == 302
    assert client_secrets.secret(org.id, "client_secret") == SECRET
    with providers.standing() as other:
        elsewhere = again | {"issuer": other.issuer}
        answer = ask(house, org.owner, path(org), **elsewhere)
        assert "Enter the client secret" in answer.text
    row = sign_ons.of_organization(org.id, org.owner)
    assert row is not None
    assert row.issuer == provider.issuer
    assert ask(house, org.owner, path(org), **form(provider)).status_code == 302
    assert client_secrets.secret(org.id, "client_secret") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": ""}, "Enter the issuer"),
        ({"issuer": "not a url"}, "the issuer is not an https URL"),
        ({"issuer": "http://login.example"}, "the issuer is not an https URL"),
        ({"issuer": "https://127.0.0.1:9"}, "there was no connection"),
        ({"issuer": "SLASH"}, "names another issuer"),
        ({"client_id": " "}, "Enter the client id"),
        ({"authentication": "client_secret"}, "Enter the client secret"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_field(
    house: Flask, provider: Provider, changes: dict[str, str], words: str
) -> None:
    """A wrong or silent issuer, one that differs by a slash, a missing id or secret."""
    org = proven()
    if changes.get("issuer") == "SLASH":
        changes = {"issuer": f"{provider.issuer}/"}
    before = events_of(org.id)
    answer = ask(house, org.owner, path(org), **form(provider, **changes))
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert words in answer.text
    assert events_of(org.id) == before


def test_it_takes_a_proven_domain(house: Flask, provider: Provider) -> None:
    """Without one there is nobody whom it could sign in."""
    org = builders.organization()
    answer = ask(house, org.owner, path(org), **form(provider))
    assert (answer.status_code, answer.json["code"]) == (409, "no_domain")
    assert "Prove a domain first" in look(house, org.owner, path(org))


def test_only_who_looks_after_the_organization_with_a_passkey(
    house: Flask, provider: Provider
) -> None:
    """Neither a member, nor an outsider, nor the owner's mailed link asks the provider anything."""
    org = proven()
    member, outsider = org.colleague(), builders.person("Out Sider")
    for who, strength, status in (
        (member, Strength.PASSKEY, 403), (outsider, Strength.PASSKEY, 404),
        (org.owner, Strength.LINK, 403),
    ):  # fmt: skip
        for verb in ("", "/require", "/lift", "/remove"):
            assert (
                ask(house, who, path(org, verb), strength, **form(provider)).status_code == status
            )
    assert provider.asked == []
    assert "Keep this configuration" not in look(house, member, path(org))


def test_requiring_takes_a_sign_in_through_it(house: Flask, provider: Provider) -> None:
    """Whoever would require it has come in by it since it was last configured; the owner has a
    passkey. Configured anew, it is no longer required."""
    org = proven()
    configure(org, provider)
    assert ask(house, org.owner, path(org, "/require")).json["code"] == "sign_on_unproven"
    ann = builders.person("Ann", ANN)
    give_passkey(ann)
    _join(org, ann)
    browser = Browser(house)
    browser.through(org, provider)
    browser.sign_in(ann)
    assert browser.post("/sign-on/confirm").status_code == 302  # an admin, linked: it is shown
    assert "SignOnProven" in events_of(org.id)
    assert ask(house, org.owner, path(org, "/require")).json["code"] == "sign_on_unproven"
    assert browser.post(path(org, "/require")).status_code == 302
    assert "Mailed links sign nobody in" in look(house, ann, path(org))
    configure(org, provider)
    row = sign_ons.of_organization(org.id, org.owner)
    assert row is not None
    assert row.required == 0
    assert ask(house, ann, path(org, "/require")).json["code"] == "sign_on_unproven"


def _join(org: builders.Org, person: Actor) -> None:
    invitation, kept = ids.new("inv"), vault.put(org.id, ANN)
    perform(Invite(org.id, invitation, kept, "admin", clock.iso_in(days=7)), org.owner)
    perform(AcceptInvitation(org.id, invitation), person)


def _link_of(address: str) -> str:
    found = [m for t in mails_to(address) for m in re.findall(r"/link/\S+", t)]
    return found[0] if found else ""  # the newest mail stands first


def test_a_requirement_ends_mailed_links_and_says_so_in_the_mail_alone(
    house: Flask, provider: Provider
) -> None:
    """The form answers as ever, for whomever; the mail leads to the provider. Passkeys go on."""
    org, ann = proven(), builders.person("Ann", ANN)
    required(org, provider)
    give_passkey(ann)
    browser = Browser(house)
    answers = {
        (a.status_code, a.location, a.text)
        for a in (
            browser.post("/sign-in", email=e)
            for e in (ANN, "NEW@HarborCert.example", "who@else.example")
        )
    }
    assert len(answers) == 1
    for address in (ANN, "NEW@harborcert.example"):
        [written] = [t for t in mails_to(address) if "asked to sign in" in t]
        assert f"http://localhost:8000/sign-on/{org.id}/start" in written
        assert "/link/" not in written
    assert "/link/" in mails_to("who@else.example")[0]
    browser.sign_in(ann)
    assert browser.who() == "Ann"


def test_a_link_from_before_the_requirement_is_of_no_use(house: Flask, provider: Provider) -> None:
    """Mailed a moment before, used a moment after: refused, and it opens no account."""
    org = proven()
    links.make(ANN)
    browser = Browser(house)
    browser.post("/sign-in", email=ANN)
    link = _link_of(ANN)
    required(org, provider)
    answer = browser.post(link, name="Ann")
    assert answer.status_code == 409
    assert "sign in through your organization" in answer.text.lower()
    assert account() == ""
    assert browser.who() == ""


def test_linking_goes_on_under_a_requirement(house: Flask, provider: Provider) -> None:
    """Whose account is older than the requirement proves it by a mailed link in the browser that
    came from the provider, and in no other."""
    org, ann = proven(), builders.person("Ann", ANN)
    required(org, provider)
    browser, thief = Browser(house), Browser(house)
    browser.through(org, provider)
    browser.post("/sign-on/confirm/link")
    link = _link_of(ANN)
    assert thief.post(link).status_code == 409
    assert browser.post(link).location == "/sign-on/confirm"
    assert browser.post("/sign-on/confirm").status_code == 302
    assert events_of(ann.id)[-1] == "SignOnLinked"


def test_lifting_and_removing_open_mailed_links_again(house: Flask, provider: Provider) -> None:
    """Once it is no longer required, or there no longer, a link is a link; secrets are gone."""
    org, ann = proven(), builders.person("Ann", ANN)
    for verb in ("/lift", "/remove"):
        required(org, provider)
        assert ask(house, org.owner, path(org, verb)).status_code == 302
        browser = Browser(house)
        browser.post("/sign-in", email=ANN)
        assert browser.post(_link_of(ANN)).status_code == 302
        assert browser.who() == "Ann"
    assert events_of(org.id)[-1] == "SignOnRemoved"
    assert client_secrets.secret(org.id, "private_key_jwt") is None
    assert ann.id == account()


def test_the_sign_in_page_finds_the_organization_by_the_domain(
    house: Flask, provider: Provider
) -> None:
    """The same answer whether or not the address has an account; in words where no organization
    is found; no address goes to the provider."""
    org = proven()
    configure(org, provider)
    builders.person("Ann", ANN)
    browser = Browser(house)
    for address in (ANN, "nobody@HARBORCERT.example", " x@harborcert.example "):
        answer = browser.post("/sign-in/organization", work_email=address)
        assert answer.location == f"/sign-on/{org.id}/start"
    assert "ann" not in browser.start(org)
    for address in ("ann@else.example", "ann@sub.harborcert.example"):
        answer = browser.post("/sign-in/organization", work_email=address)
        assert "No organization signs people with this domain in here" in answer.text
    for address in ("x", "ann@-.example"):
        answer = browser.post("/sign-in/organization", work_email=address)
        assert "Enter an address such as" in answer.text


def test_the_page_before_the_provider_names_it(house: Flask, provider: Provider) -> None:
    """Nobody is sent anywhere unasked: a page names the host, and its link is pressed."""
    org = proven()
    configure(org, provider)
    before = history.written()
    page = Browser(house).ask(f"/sign-on/{org.id}/start")
    assert provider.issuer.removeprefix("http://") in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert history.written() == before
    with db.engine.connect() as connection:
        assert len(connection.execute(select(asked)).all()) == 1


def test_doctor_names_private_destinations(house: Flask) -> None:
    """What may be asked beside public addresses is shown, as something to look at."""
    [found] = [f for f in health.examine() if f.part == "outgoing requests"]
    assert (found.state, found.found) == ("warn", "also to 127.0.0.0/8")


def test_doctor_is_content_without_any(app: Flask) -> None:
    """The default asks public addresses alone."""
    assert settings().private_destinations == []
    [found] = [f for f in health.examine() if f.part == "outgoing requests"]
    assert (found.state, found.found) == ("good", "to public addresses alone")
