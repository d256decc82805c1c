"""A staff role: one person proposes it, another gives it, and one alone takes it away."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal import founding
from tests.journeys.people import (
    House,
    add_passkey,
    arrive,
    chromium,
    follow_mailed_link,
    press,
    sign_in_with_passkey,
    sign_up,
    standing_stage,
    wait_for_mail,
)
from tests.journeys.rehearsal import Rehearsal

ADMINISTRATOR, CANDIDATE = "ada@program.example", "rune@program.example"
WAITING = "Roles that wait for a second person"


@pytest.mark.browser
@pytest.mark.slow
def test_two_people_give_a_role_and_one_ends_it(tmp_path: Path) -> None:
    """The administrator's own word is not enough, by the page or past it; a program manager's
    opens the queue to the candidate at their next page, and closing it takes one of the two."""
    with chromium() as browser, standing_stage(tmp_path / "stage", Rehearsal) as stage:
        house = House(stage, browser)
        with stage.backstage():
            founding.appoint(ADMINISTRATOR, "Ada Admin", ["administrator"])
        ada, rune, mateo = house.somebody(), house.somebody(), house.staff("manager")
        sign_in_as_administrator(ada)
        sign_up(rune, CANDIDATE, "Rune Reviewer")
        has_no_door(rune)

        propose(ada, "reviewer")
        wait_for_mail(rune, "You were proposed for a staff role", CANDIDATE)
        cannot_confirm(ada)
        has_no_door(rune)

        mateo.goto("/staff/people")
        mateo.get_by_role("table", name=WAITING).get_by_role("button", name="Confirm").click()
        expect(mateo.get_by_text("Confirmed. They hold the role from now on.")).to_be_visible()
        rune.reload()
        rune.get_by_role("link", name="Queue").click()
        arrive(rune, "/staff/queue")

        end(ada)
        has_no_door(rune)
        propose(mateo, "intake")  # whoever may confirm others' proposals confirms none of theirs
        cannot_confirm(mateo)
        has_no_door(rune)
        assert [line for line in house.said if "status of 403" not in line] == []


def sign_in_as_administrator(ada: Page) -> None:
    """Appointed when the portal was founded; the first sign-in is by link, and adds a passkey."""
    follow_mailed_link(ada, ADMINISTRATOR)
    ada.get_by_role("button", name="Sign in").click()
    add_passkey(ada)
    sign_in_with_passkey(ada)


def has_no_door(rune: Page) -> None:
    """Neither a link in their pages, nor the page for whoever knows its address."""
    answer = rune.goto("/staff/queue")
    assert answer is not None
    assert answer.status == 403
    rune.goto("/account")
    expect(rune.get_by_role("link", name="Queue")).to_have_count(0)


def propose(page: Page, role: str) -> None:
    page.goto("/staff/people")
    page.get_by_label("E-mail").first.fill(CANDIDATE)
    page.locator(f'input[name="role"][value="{role}"]').check()
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_text("Proposed. A program manager other than you")).to_be_visible()


def cannot_confirm(page: Page) -> None:
    """No button for whoever proposed; and a form that names the same address all the same."""
    waiting = page.get_by_role("table", name=WAITING)
    expect(waiting.get_by_role("button", name="Confirm")).to_have_count(0)
    expect(waiting).to_contain_text("Somebody else confirms this.")
    withdraw = waiting.locator("form[action$='/withdraw']")
    forged = withdraw.get_attribute("action") or ""
    token = withdraw.locator("[name='csrf_token']").input_value()
    answer = page.request.post(
        forged.removesuffix("/withdraw") + "/confirm",
        form={"csrf_token": token}, headers={"Referer": page.url},
    )  # fmt: skip
    assert answer.status == 403
    page.reload()
    expect(waiting).to_contain_text("Rune Reviewer")


def end(ada: Page) -> None:
    ada.goto("/staff/people")
    press(ada.locator("tr", has=ada.get_by_role("rowheader", name="Rune Reviewer")), "End reviewer")
    expect(ada.get_by_text("The role is ended, at once.")).to_be_visible()
