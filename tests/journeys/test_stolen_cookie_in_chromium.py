"""A decider's session is stolen: the thief reads, and decides nothing; one press throws them out.

That a decision signed in Chromium is verified from the ledger alone is in
`test_loop_in_chromium.py`; here it is verified from an export, in a folder that has nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.ledger import export
from tests import builders
from tests.journeys.people import (
    House,
    add_authenticator,
    add_passkey,
    arrive,
    chromium,
    follow_mailed_link,
    sign_in_with_passkey,
    standing_stage,
)
from tests.journeys.rehearsal import Rehearsal

DECIDER = "dana@program.example"
OPINION = "Rests on two reviews that agree."


@pytest.mark.browser
@pytest.mark.slow
def test_a_stolen_session_reads_and_cannot_decide(tmp_path: Path) -> None:
    """With a device of their own the thief can neither sign nor add a passkey to sign with, and
    nothing is written; the decider throws them out, decides, and the export proves who did."""
    with chromium() as browser, standing_stage(tmp_path / "stage", Rehearsal) as stage:
        house = House(stage, browser)
        with stage.backstage():
            case = f"/staff/applications/{waiting_for_a_decision()}"
        dana, thief = house.somebody(), house.somebody()
        come_in(dana)
        thief.context.add_cookies(dana.context.cookies())  # type: ignore[arg-type]
        add_authenticator(thief)
        written = entries(stage)

        thief.goto(case)
        expect(thief.locator("main")).to_contain_text("In order.")
        show_the_letter(thief, case)
        cannot_sign(thief)
        cannot_add_a_passkey(thief)
        assert entries(stage) == written
        dana.goto(case)
        expect(dana.get_by_role("link", name="Decide")).to_be_visible()

        throw_out(dana, thief)
        show_the_letter(dana, case)
        dana.get_by_role("button", name="Sign and send the decision").click()
        expect(dana.get_by_text("Decided. The organization is told")).to_be_visible()
        proves_itself(stage.folder, tmp_path)


def waiting_for_a_decision() -> str:
    """An application that two reviewers have spoken on."""
    people = builders.staff()
    application = builders.submit(builders.organization())
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer)
    return application


def come_in(dana: Page) -> None:
    follow_mailed_link(dana, DECIDER)
    dana.get_by_role("button", name="Sign in").click()
    add_passkey(dana, "security key")
    sign_in_with_passkey(dana)


def show_the_letter(page: Page, case: str) -> None:
    page.goto(case)
    page.get_by_role("link", name="Decide").click()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Show the letter").click()
    expect(page.locator(".letter")).to_be_visible()


def cannot_sign(thief: Page) -> None:
    thief.get_by_role("button", name="Sign and send the decision").click()
    expect(thief.get_by_text("No passkey was used")).to_be_visible(timeout=10_000)
    expect(thief.get_by_role("button", name="Sign and send the decision")).to_be_visible()


def cannot_add_a_passkey(thief: Page) -> None:
    """Neither by the page, nor past it: with an answer of their own device and no introduction."""
    thief.goto("/account")
    thief.locator("summary", has_text="Add another passkey").click()
    thief.get_by_label("A name for this passkey").fill("thief")
    thief.get_by_role("button", name="Add a passkey").click()
    expect(thief.get_by_text("No passkey was used")).to_be_visible(timeout=10_000)
    thief.evaluate(FORGE)
    expect(thief.get_by_text("A further passkey is let in by one that is on")).to_be_visible()


# What the page's script does, without the question to a passkey that is there.
FORGE = """async () => {
  const form = document.querySelector('form[data-passkey=register]');
  const asked = await fetch(form.dataset.optionsHref, {method: 'POST', body: new FormData(form),
    headers: {'X-CSRFToken': form.elements.csrf_token.value}});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await asked.json());
  publicKey.excludeCredentials = [];
  const made = await navigator.credentials.create({publicKey});
  form.elements.credential.value = JSON.stringify(made.toJSON());
  form.submit();
}"""


def throw_out(dana: Page, thief: Page) -> None:
    """By the page of devices; the thief's next press leads to the sign-in."""
    thief.goto("/staff/queue")
    dana.goto("/account/devices")
    dana.get_by_role("button", name="Sign out everywhere else").click()
    thief.get_by_role("link", name="Grants").click()
    arrive(thief, "/sign-in")


def portal(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")},
    )  # fmt: skip
    return done.stdout


def entries(stage: Rehearsal) -> int:
    """How many things are on record."""
    with stage.backstage():
        return sum(1 for _ in export.lines())


def proves_itself(data: Path, folder: Path) -> None:
    """An export in an empty folder is enough to know that a passkey of the decider signed."""
    empty = folder / "empty"
    empty.mkdir()
    exported = portal("--data", str(data), "ledger", "export", folder=data)
    (empty / "export.jsonl").write_text(exported)
    ask = ("ledger", "verify", "--signatures", "--json", "--file", "export.jsonl")
    said = json.loads(portal(*ask, folder=empty))
    assert said["signatures"] == {"ok": True, "signed": 1, "unsigned": 0, "bad": ""}
