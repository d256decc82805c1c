"""Eleven minutes later, what hands out power asks for the passkey, and keeps the form."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import expect

from portal import clock
from tests.journeys.people import (
    NARROW,
    House,
    add_authenticator,
    arrive,
    chromium,
    download,
    sign_up,
    standing_stage,
)
from tests.journeys.rehearsal import Rehearsal

PAGE = "/account/automations"
ASKED = "Your passkey, once more"


@pytest.mark.browser
@pytest.mark.slow
def test_the_form_is_kept_and_done_when_the_passkey_answers(tmp_path: Path) -> None:
    """A key is registered by the person, with their passkey; by a copied cookie it is not, and the
    copy ends at the moment in which the person steps up."""
    with chromium() as browser, standing_stage(tmp_path / "stage", Rehearsal) as stage:
        house = House(stage, browser)
        pat, thief = house.somebody(NARROW), house.somebody()
        sign_up(pat, "pat@harborcert.example", "Pat Vik")
        pat.goto(PAGE)
        pat.get_by_label("What will use this key").fill("status board")
        pat.locator("input[value='grants:read']").check()
        pat.get_by_role("button", name="Make a key pair").click()
        expect(pat.locator("textarea")).to_have_value(re.compile("kty"))
        download(pat, "Download the private key", tmp_path)
        with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
            thief.context.add_cookies(pat.context.cookies())
            add_authenticator(thief)
            thief.goto(PAGE)
            thief.get_by_label("What will use this key").fill("mine")
            thief.locator("input[value='grants:read']").check()
            thief.locator("textarea").fill(pat.locator("textarea").input_value())
            thief.get_by_role("button", name="Register the key").click()
            expect(thief.get_by_role("heading", name=ASKED)).to_be_visible()
            thief.get_by_role("button", name="Use your passkey and go on").click()
            expect(thief.get_by_role("alert")).not_to_be_empty()

            pat.get_by_role("button", name="Register the key").click()
            expect(pat.get_by_role("heading", name=ASKED)).to_be_visible()
            pat.get_by_role("button", name="Use your passkey and go on").click()
            arrive(pat, PAGE)
            expect(pat.get_by_text("The key is registered.")).to_be_visible()
            expect(pat.get_by_role("table", name="Your keys")).to_contain_text("status board")
            thief.goto(PAGE)
            arrive(thief, "/sign-in")
        assert [line for line in house.said if "status of 403" not in line] == []
