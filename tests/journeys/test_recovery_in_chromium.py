"""Somebody lost their passkey: two colleagues, a day, and everybody told; or they stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from portal import clock
from tests.journeys.people import (
    Device,
    House,
    add_passkey,
    arrive,
    change_of,
    chromium,
    follow_mailed_link,
    mailed,
    press,
    sign_in_with_passkey,
    sign_up,
    standing_stage,
    wait_for_mail,
)
from tests.journeys.rehearsal import Rehearsal, found

OWNER, ADMIN, LOST = (f"{name}@harborcert.example" for name in ("heidi", "aksel", "lena"))
LENA = "Lena Vik"
PROPOSED = "Somebody asked to recover an account"
CONFIRMED = "An account is recovered in a day, unless you stop it"
RECOVERED = "An account was recovered: its passkeys are gone"
STOPPED = "The recovery of an account was cancelled"


@dataclass(slots=True)
class Office:
    """An owner, an admin and a member, each signed in with a passkey, and their organization."""

    house: House
    owner: Page
    admin: Page
    lost: Page
    device: Device
    organization: str


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    with chromium() as browser, standing_stage(folder, Rehearsal) as stage:
        house = House(stage, browser)
        owner, admin, lost = (house.somebody() for _ in range(3))
        sign_up(owner, OWNER, "Heidi Hart")
        sign_up(admin, ADMIN, "Aksel Moe")
        device = sign_up(lost, LOST, LENA)
        with stage.backstage():
            org_id = found("Harbor CERT", OWNER, admin=ADMIN, member=LOST)
        yield Office(house, owner, admin, lost, device, f"/organizations/{org_id}")
        assert house.said == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_day_later_a_mailed_link_and_a_new_passkey(tmp_path: Path) -> None:
    """The owner proposes and cannot confirm, an admin does; an hour before the day is over nothing
    has happened; after it the mailed link signs in, and the new passkey opens what the old did."""
    with office(tmp_path / "stage") as it:
        it.device.lose()
        propose(it)
        confirm(it)
        with time_machine.travel(clock.now() + timedelta(hours=23), tick=True):
            by_link = it.house.somebody()
            follow_mailed_link(by_link, LOST)
            by_link.get_by_role("button", name="Sign in").click()
            arrive(by_link, "/account")
            assert by_link.get_by_role("button", name="Add a passkey").count() == 0
        with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=True):
            wait_for_mail(it.lost, RECOVERED, OWNER, ADMIN, LOST)
            by_link.get_by_role("link", name="Password").click()
            arrive(by_link, "/sign-in")  # whoever was signed in, is no longer
            work_again(it)


@pytest.mark.browser
@pytest.mark.slow
def test_the_person_stops_it_and_nothing_changes(tmp_path: Path) -> None:
    """The mail leads them to what goes on and to the button; the day passes, and their passkey
    signs in as before."""
    with office(tmp_path / "stage") as it:
        propose(it)
        confirm(it)
        stop_from_the_mail(it.lost)
        wait_for_mail(it.lost, STOPPED, OWNER, ADMIN, LOST)
        it.owner.reload()
        expect(it.owner.get_by_role("table", name="Members")).to_contain_text(LENA)
        expect(it.owner.get_by_text("Recovery under way")).to_have_count(0)
        with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
            sign_in_with_passkey(it.lost)
            expect(it.lost.get_by_role("table", name="Your passkeys")).to_contain_text("laptop")
            assert mailed(it.lost, RECOVERED) == set()


def propose(it: Office) -> None:
    it.owner.goto(f"{it.organization}/members")
    press(change_of(it.owner, LENA), "Recover their account")
    expect(it.owner.get_by_text("Proposed. Another owner or admin confirms it")).to_be_visible()
    row = change_of(it.owner, LENA)
    expect(row.get_by_role("button", name="Stop the recovery")).to_be_visible()
    assert row.get_by_text("Confirm the recovery").count() == 0
    wait_for_mail(it.owner, PROPOSED, OWNER, ADMIN, LOST)


def confirm(it: Office) -> None:
    it.admin.goto(f"{it.organization}/members")
    press(change_of(it.admin, LENA), "Confirm the recovery")
    expect(it.admin.get_by_text("Confirmed. It happens in a day")).to_be_visible()
    wait_for_mail(it.admin, CONFIRMED, OWNER, ADMIN, LOST)


def work_again(it: Office) -> None:
    """A browser of their own, a mailed link, a new passkey, and the organization with it."""
    page = it.house.somebody()
    follow_mailed_link(page, LOST)
    page.get_by_role("button", name="Sign in").click()
    add_passkey(page, "new laptop")
    sign_in_with_passkey(page)
    passkeys = page.get_by_role("table", name="Your passkeys").get_by_role("rowheader")
    expect(passkeys).to_have_text(["new laptop"])
    page.goto(it.organization)
    expect(page.get_by_role("heading", name="Harbor CERT")).to_be_visible()


def stop_from_the_mail(page: Page) -> None:
    page.goto("/dev/mail")
    mail = page.locator(".card", has_text=CONFIRMED).filter(has_text=LOST)
    mail.get_by_role("link").click()
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_text("The recovery is stopped")).to_be_visible()
