"""A second passkey, by the keyboard alone: the first lets it in, and either signs in afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import (
    Device,
    House,
    chromium,
    sign_in_with_passkey,
    sign_up,
    standing_stage,
)
from tests.journeys.rehearsal import Rehearsal


@pytest.mark.browser
@pytest.mark.slow
def test_the_first_lets_the_second_in(tmp_path: Path) -> None:
    """Without a pointer: the laptop answers, the security key takes its place and gets a passkey,
    and from then on signs in alone."""
    with chromium() as browser, standing_stage(tmp_path / "stage", Rehearsal) as stage:
        house = House(stage, browser)
        amara = house.somebody()
        laptop = sign_up(amara, "amara@harborcert.example", "Amara Lund")
        before_it_is_made(amara, laptop)
        tab_to(amara, "Add another passkey")
        amara.keyboard.press("Enter")
        amara.keyboard.press("Tab")
        amara.keyboard.type("security key")
        amara.keyboard.press("Enter")
        expect(amara.get_by_text("The passkey is on your account.")).to_be_visible()
        passkeys = amara.get_by_role("table", name="Your passkeys").get_by_role("rowheader")
        expect(passkeys).to_have_text(["laptop", "security key"])
        sign_in_with_passkey(amara)
        expect(passkeys).to_have_text(["laptop", "security key"])
        assert house.said == []


def before_it_is_made(page: Page, laptop: Device) -> None:
    """Where the browser would ask which device: two that answer at once would be a race."""

    def swap() -> None:  # a method of an object with slots cannot be handed over
        laptop.swap()

    page.expose_function("swap", swap)
    page.evaluate("""() => {
      const create = navigator.credentials.create.bind(navigator.credentials);
      navigator.credentials.create = async (asked) => { await swap(); return create(asked); };
    }""")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says these words, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == words:
            return
    raise AssertionError(f"Tab never came to {words!r}")
