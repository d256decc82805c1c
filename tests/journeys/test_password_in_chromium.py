"""A person without a passkey: sets a password with an app, signs out, and signs in with both."""

from __future__ import annotations

import time
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.people import NARROW, House, chromium, follow_mailed_link, standing_stage
from tests.journeys.test_pages_hold import TAGS

ADDRESS, TEXT = "quinn@people.example", "correct horse battery"


def _holds(page: Page) -> None:
    """On a phone: not wider than the screen, and nothing that axe complains of."""
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, page.url
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    assert [v["id"] for v in found["violations"]] == [], page.url


@pytest.mark.browser
@pytest.mark.slow
def test_a_password_from_nothing_to_signed_in(tmp_path: Path) -> None:
    """On a phone, with the real cost of a hash: every page of the way holds, the QR code is shown
    under the content security policy, and nothing is said against us in the console."""
    with chromium() as browser, standing_stage(tmp_path / "s") as stage:
        house = House(stage, browser)
        page = house.somebody(NARROW)
        follow_mailed_link(page, ADDRESS)
        page.get_by_label("Your name").fill("Quinn Somebody")
        page.get_by_role("button", name="Make the account").click()
        page.get_by_role("link", name="Password", exact=True).click()
        _holds(page)
        page.get_by_label("New password").fill("too short")
        page.get_by_role("button", name="Go on to the app").click()
        expect(page.get_by_role("alert")).to_contain_text("between 12 and 128")
        _holds(page)
        page.get_by_label("New password").fill(TEXT)
        page.get_by_role("button", name="Go on to the app").click()
        picture = page.get_by_role("img", name="QR code")
        assert picture.evaluate("e => e.complete && e.naturalWidth > 0")
        _holds(page)
        key = page.locator("main strong").inner_text().replace(" ", "")
        set_in = int(time.time()) // 30
        page.get_by_label("Code").fill(pyotp.TOTP(key).now())
        page.get_by_role("button", name="Turn the password on").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        _holds(page)
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("button", name="Change it")).to_be_visible()
        _holds(page)
        page.context.clear_cookies()
        page.goto("/sign-in")
        page.get_by_role("link", name="With a password and a code").click()
        page.get_by_label("E-mail address").fill(ADDRESS)
        page.get_by_label("Password").fill(TEXT)
        page.get_by_role("button", name="Go on").click()
        _holds(page)
        # The next step's code: the one that set it up is used, and half a minute's skew is taken.
        page.get_by_label("Code").fill(pyotp.HOTP(key).at(set_in + 1))
        page.get_by_role("button", name="Sign in").click()
        page.goto("/account")
        expect(page.get_by_text("By password and code")).to_be_visible()
        assert house.said == []
        for context in house.contexts:
            context.close()
