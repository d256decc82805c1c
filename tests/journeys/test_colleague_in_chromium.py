"""A colleague comes by invitation, works, and is removed: at once, on every way in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from trusted_access import TokenClient, TokenRefused

from tests.journeys.people import (
    House,
    arrive,
    change_of,
    chromium,
    download,
    press,
    sign_up,
    standing_stage,
    wait_for_mail,
)
from tests.journeys.rehearsal import Rehearsal, give_access

HARBOR = "Harbor CERT"
OWNER, COLLEAGUE = "amara@harborcert.example", "bo@harborcert.example"


@pytest.mark.browser
@pytest.mark.slow
def test_a_colleague_is_invited_works_and_is_removed(tmp_path: Path) -> None:
    """From the invitation to a token by a key of their own; then the owner removes them, and their
    page, their session, their key and the organization are gone for them in the same moment."""
    with chromium() as browser, standing_stage(tmp_path / "stage", Rehearsal) as stage:
        house = House(stage, browser)
        amara, bo = house.somebody(), house.somebody()
        sign_up(amara, OWNER, "Amara Lund")
        organization = register_organization(amara)
        invite_as_admin(amara, organization)

        accept(bo, amara)
        sees_the_organization(bo, organization)
        with stage.backstage():
            grant = give_access(organization.rsplit("/", 1)[-1], OWNER, stage.audience)
        client = register_a_key(bo, grant, tmp_path)
        assert client.token(resource=stage.audience)

        bo.goto(f"{organization}/members")
        with stage.resting():  # it ends sessions, too, but later
            remove(amara, organization)
            no_token(client, stage.audience)
            is_signed_out(bo)
        finds_nothing(bo, organization, grant)
        assert [line for line in house.said if "status of 404" not in line] == []


def register_organization(amara: Page) -> str:
    amara.goto("/organizations/new")
    amara.get_by_label("Legal name of the organization").fill(HARBOR)
    amara.get_by_role("button", name="Register").click()
    expect(amara.get_by_text("Your organization is registered.")).to_be_visible()
    return amara.url


def invite_as_admin(amara: Page, organization: str) -> None:
    amara.goto(f"{organization}/members")
    amara.get_by_label("E-mail").fill(COLLEAGUE)
    amara.get_by_label("Admin:").check()
    amara.get_by_role("button", name="Invite").click()
    expect(amara.get_by_text("Invited. They get a mail")).to_be_visible()


def accept(bo: Page, amara: Page) -> None:
    """The mail names the organization; nobody is a member before they have said yes."""
    bo.goto("/dev/mail")
    wait_for_mail(bo, f"{HARBOR} invites you", COLLEAGUE)
    sign_up(bo, COLLEAGUE, "Bo Berg")
    amara.reload()
    members = amara.get_by_role("table", name="Members")
    assert members.get_by_text("Bo Berg").count() == 0
    bo.get_by_role("button", name="Accept").click()
    amara.reload()
    expect(members.get_by_text("Bo Berg").first).to_be_visible()


def sees_the_organization(bo: Page, organization: str) -> None:
    bo.goto(organization)
    expect(bo.get_by_role("heading", name=HARBOR)).to_be_visible()
    expect(bo.get_by_role("table", name="Members")).to_contain_text("Amara Lund")


def register_a_key(bo: Page, grant: str, folder: Path) -> TokenClient:
    """As an admin may: made in the browser, registered, and used by a workload."""
    bo.goto(f"/grants/{grant}/credentials/new")
    bo.get_by_role("button", name="Make a key pair").click()
    bo.get_by_label("What will use this key").fill("Triage pipeline")
    key = download(bo, "Download the private key", folder)
    bo.get_by_role("button", name="Register the key").click()
    expect(bo.get_by_text("The key is registered. Here is how to use it.")).to_be_visible()
    issuer, credential = bo.url.split("/credentials/")
    return TokenClient(issuer, credential, json.loads(key.read_text()))


def remove(amara: Page, organization: str) -> None:
    amara.goto(f"{organization}/members")
    press(change_of(amara, "Bo Berg"), "Remove")
    expect(amara.get_by_text("Removed. The keys that stood in their name")).to_be_visible()


def no_token(client: TokenClient, audience: str) -> None:
    """A real request to the token endpoint with the key that worked a moment ago."""
    with pytest.raises(TokenRefused) as refused:
        client.fetch(resource=audience)
    assert refused.value.error == "invalid_client"


def is_signed_out(bo: Page) -> None:
    """The page that was open leads to the sign-in at the next press."""
    bo.get_by_role("link", name=HARBOR).first.click()
    arrive(bo, "/sign-in")


def finds_nothing(bo: Page, organization: str, grant: str) -> None:
    """Signed in again, they read of the organization what they read of one that is not there."""
    bo.get_by_role("button", name="Sign in with a passkey").click()
    arrive(bo, urlsplit(organization).path)
    for gone in (urlsplit(organization).path, f"/grants/{grant}"):
        never = f"{gone[:-32]}{'0' * 32}"
        assert what_is_missing(bo, gone) == what_is_missing(bo, never)
    bo.goto("/account")
    expect(bo.get_by_text("You belong to no organization yet")).to_be_visible()


def what_is_missing(page: Page, path: str) -> str:
    """The words of a page that is not there, but for the reference of this very request."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404, path
    return re.sub(r"reference \S+", "", page.locator("main").inner_text())
