"""Complaint 8: a verification link expired and nobody reissues it. Here whoever it was for begins
the step again, from the very page that says that it is over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.boards import accounts, domains, organizations
from portal.boards import recoveries as recovery_board
from portal.demo.dns import DnsResponder
from portal.desk import challenges, links, password_steps, secrets, sign_on_attempts
from portal.desk.sign_on_subjects import MINUTES as PENDING_MINUTES
from portal.identity.viewer import FRESH_MINUTES
from portal.installation import settings
from portal.problems import RESTARTS
from portal.zones.defender.domains import CHALLENGE_DAYS
from portal.zones.defender.joining import REQUEST_DAYS
from portal.zones.defender.members import INVITATION_DAYS
from tests import builders
from tests.journeys.pages import heading, offers, press
from tests.portal import provider as providers
from tests.portal import sign_on
from tests.portal.people import ask
from tests.portal.sign_on import ANN, Browser, configure, mails_to, proven
from workflows.account.recovery import WAITS
from workflows.actors import Strength
from workflows.organization.proofs import CHALLENGE


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    with sign_on.portal(tmp_path) as app:
        yield app


@contextmanager
def after(**time: float) -> Iterator[None]:
    """The same house, that much later and a second."""
    with time_machine.travel(clock.now() + timedelta(**time) + timedelta(seconds=1), tick=True):
        yield


def mailed_link(address: str, *before: str) -> str:
    """The link that was mailed, and that was not there before."""
    [found] = set(re.findall(r"/link/[\w-]+", "\n".join(mails_to(address)))) - set(before)
    return found


def test_a_mailed_link(house: Flask) -> None:
    """Too old or used, its page offers a new one, which signs in."""
    browser, address = Browser(house), "new@cert.example"
    browser.post("/sign-in", email=address)
    link = mailed_link(address)
    with after(minutes=links.MINUTES):
        page = browser.ask(link)
        assert page.status_code == 404
        assert "expired or was used" in page.text
        form = press(browser, page, "Get a new link")
        sent = press(browser, form, "Send me a link", email=address)
        assert sent.status_code == 200
        opened = browser.ask(mailed_link(address, link))
        press(browser, opened, "Make the account and sign in", name="New Person")
        assert browser.who() == "New Person"
        assert offers(browser.ask(link), "Get a new link")


def test_an_invitation(house: Flask) -> None:
    """Its person finds it expired at home, asks for it again, an admin presses once, and it is
    accepted; nobody has to find out whom to write to."""
    org, ann = builders.organization(), builders.person("Ann", ANN)
    owner, browser = Browser(house), Browser(house)
    ask(house, org.owner, f"/organizations/{org.id}/invitations", email=ANN, role="member")
    browser.sign_in(ann)
    waiting = browser.ask("/defender")
    with after(days=INVITATION_DAYS):
        browser.sign_in(ann)
        over = press(browser, waiting, "Accept")
        assert "this invitation has expired" in over.text.lower()
        home = press(browser, over, "Ask for it again")
        assert "Expired" in home.text
        assert not offers(home, "Accept")
        asked = press(browser, home, "Ask for it again")
        assert "Its owner and admins get a mail" in asked.text
        press(browser, asked, "Ask for it again")
        told = mails_to(accounts.address(org.owner.id) or "")
        assert sum("expired invitation" in text for text in told) == 1  # once a day, however often
        owner.sign_in(org.owner)
        press(owner, owner.ask(f"/organizations/{org.id}/members"), "Send again")
        joined = press(browser, browser.ask("/defender"), "Accept")
        assert "You are a member now" in joined.text
    assert organizations.of(ann.id) == {org.id: frozenset({"member"})}


def test_a_domain_s_token(house: Flask) -> None:
    """After two weeks the page says so and makes a new one, which proves the domain."""
    org, browser = builders.organization(), Browser(house)
    browser.sign_in(org.owner)
    with DnsResponder() as responder, after(days=CHALLENGE_DAYS):
        settings().dns_nameservers = [responder.address]
        browser.sign_in(org.owner)
        page = browser.ask(f"/organizations/{org.id}")
        assert "proves nothing any more" in page.text
        assert org.token not in page.text
        fresh = press(browser, page, "Make a new value")
        claim = domains.claim_for_robot(org.id, org.domain)
        assert claim is not None
        assert claim.token in fresh.text
        responder.set_txt(f"{CHALLENGE}.{org.domain}", claim.token)
        assert f"{org.domain} is proven" in press(browser, fresh, "Look it up now").text


def test_a_sign_on_at_the_organization_s_provider(house: Flask) -> None:
    """Back too late, the page leads to where it begins again."""
    org = proven()
    with providers.standing() as provider:
        configure(org, provider)
        browser = Browser(house)
        late = provider.authorize(browser.start(org))
        with after(minutes=sign_on_attempts.MINUTES):
            page = browser.ask(late)
            assert page.status_code == 400
            assert "took too long" in page.text
            form = press(browser, page, "Begin again")
            assert heading(form)
            found = press(browser, form, "Go on", work_email=ANN)
            assert provider.issuer.removeprefix("http://") in found.text
            assert browser.through(org, provider).status_code == 302
            assert browser.who() == "Ann Harbor"


def test_an_identity_that_waits_to_be_linked(house: Flask) -> None:
    """Waited for too long, it says so and leads back to signing in."""
    org, ann = proven(), builders.person("Ann", ANN)
    with providers.standing() as provider:
        configure(org, provider)
        browser = Browser(house)
        assert browser.through(org, provider).location == "/sign-on/confirm"
        with after(minutes=PENDING_MINUTES):
            page = browser.ask("/sign-on/confirm")
            assert "no sign-in waits here" in page.text.lower()
            press(browser, page, "Sign in through your organization again")
            assert browser.through(org, provider).location == "/sign-on/confirm"
            browser.sign_in(ann)
            assert browser.post("/sign-on/confirm").location == "/account"


def test_setting_up_a_password(house: Flask) -> None:
    """The app's page after a quarter of an hour: back to the first step, which goes on."""
    pat, browser = builders.person("Pat"), Browser(house)
    browser.sign_in(pat)
    text = "four random words are enough"
    begun = browser.post("/account/password", password=text)
    assert begun.location == "/account/password/app"
    page = browser.ask("/account/password/app")
    with after(minutes=secrets.SET_UP_MINUTES):
        browser.sign_in(pat)
        over = press(browser, page, "Turn the password on", code="123456")
        assert "fifteen minutes" in over.text
        assert offers(over, "Begin again with a password") or heading(over) == "Password"
        first = browser.ask("/account/password")
        assert heading(press(browser, first, "Go on to the app", password=text))


def test_a_password_s_second_step(house: Flask) -> None:
    """Too late with the code: the first page is there again, and says how long a code is taken."""
    browser = Browser(house)
    browser.post("/sign-in/password", email="pat@people.example", password="whatever it is")
    page = browser.ask("/sign-in/password/code")
    with after(minutes=password_steps.MINUTES):
        over = press(browser, page, "Sign in", code="123456")
        assert "within five minutes" in over.text
        assert heading(press(browser, over, "Go on", email="pat@people.example", password="x" * 9))


def test_a_passkey_s_question(house: Flask) -> None:
    """A passkey that answers an old question is told so, with a way to try again."""
    browser = Browser(house)
    challenges.make("sign-in", "")
    with after(minutes=challenges.MINUTES):
        page = browser.post("/sign-in/passkey", credential="{}")
        assert "within five minutes" in page.text
        assert heading(press(browser, page, "Try again")).startswith("Sign in")


def test_a_sign_in_that_is_not_fresh(house: Flask) -> None:
    """What needs a fresh sign-in says so and leads to one."""
    pat, browser = builders.person("Pat"), Browser(house)
    browser.sign_in(pat, Strength.LINK)
    with after(minutes=FRESH_MINUTES):
        page = browser.post("/account/password", password="four random words are enough")
        assert page.status_code == 403
        assert heading(press(browser, page, "Sign in once more")).startswith("Sign in")


def test_a_recovery_that_nobody_confirmed(house: Flask) -> None:
    """After a week the proposal is gone, and the same button proposes it anew."""
    org = builders.organization()
    lost, admin = org.colleague(), org.colleague("admin")
    sign_on.give_passkey(lost)
    owner, second = Browser(house), Browser(house)
    members = f"/organizations/{org.id}/members"
    owner.sign_in(org.owner)
    press(owner, owner.ask(members), "Yes: recover their account")
    second.sign_in(admin)
    page = second.ask(members)
    with after(days=WAITS.days):
        for browser, who in ((owner, org.owner), (second, admin)):
            browser.sign_in(who)
        over = press(second, page, "Yes: confirm the recovery")
        assert "propose it anew" in over.text.lower()
        again = press(owner, owner.ask(members), "Yes: recover their account")
        assert "Proposed" in again.text
        assert "Confirmed" in press(second, second.ask(members), "Yes: confirm the recovery").text
        assert recovery_board.under_way(lost, [lost.id])[lost.id].due


def test_a_request_to_join(house: Flask) -> None:
    """Unanswered for a month, it can be made again from home, and is answered then."""
    org = proven()
    ask(house, org.owner, f"/organizations/{org.id}/joining", open="yes")
    new, browser, owner = (
        builders.person("New", f"new@{org.domain}"),
        Browser(house),
        Browser(house),
    )
    browser.sign_in(new)
    press(browser, browser.ask("/defender"), "Ask to join")
    with after(days=REQUEST_DAYS):
        browser.sign_in(new)
        again = press(browser, browser.ask("/defender"), "Ask to join")
        assert "You asked to join" in again.text
        owner.sign_in(org.owner)
        assert (
            "member now"
            in press(owner, owner.ask(f"/organizations/{org.id}/members"), "Let them in").text
        )


def test_a_session_that_ended(house: Flask) -> None:
    """The next page is the sign-in, and it leads back to what was asked for."""
    org, browser = builders.organization(), Browser(house)
    browser.sign_in(org.owner)
    with after(hours=12):
        gone = browser.ask(f"/organizations/{org.id}")
        assert gone.status_code == 302
        assert str(gone.location).endswith(f"next=/organizations/{org.id}")


def test_every_restart_leads_to_a_page_that_is_there(house: Flask) -> None:
    """Each way on that a refusal names is a page of the portal's."""
    rules = {rule.endpoint for rule in house.url_map.iter_rules()}
    assert {endpoint for _, endpoint in RESTARTS.values()} <= rules
