"""The whole loop by pages alone, in real browsers: apply, vet, grant, issue, verify, revoke."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from trusted_access import TokenClient

from portal.demo import answers
from portal.demo.downstream import ROUTE, SCOPE
from portal.demo.stage import Stage
from tests.journeys.people import (
    House,
    add_authenticator,
    add_passkey,
    chromium,
    copied,
    download,
    follow_mailed_link,
    picture,
    reload_until,
    sign_in_with_passkey,
    standing_stage,
)

HARBOR, DOMAIN, ADDRESS = "Harbor CERT", "harborcert.example", "amara@harborcert.example"
GIVEN = answers.of(HARBOR, DOMAIN, "Norway")
FIRST_OPINION = "The register extract and the domain agree; malware work is concrete."
SECOND_OPINION = "Eleven ports named, volume plausible; nothing asks for code review."
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)


@pytest.mark.browser
@pytest.mark.slow
def test_an_application_becomes_access_that_ends_when_it_must(tmp_path: Path) -> None:
    """From a mailed link to a token that a service accepts, then refuses after the revocation."""
    keys = tmp_path / "keys"
    keys.mkdir()
    with chromium() as browser, standing_stage(tmp_path / "stage") as stage:
        house = House(stage, browser)
        put_up_service(house, keys)

        amara = house.somebody()
        sign_in_and_add_passkey(amara)
        organization = register_organization(amara)
        draft = start_application(amara)
        answer_with_an_error_first(amara)
        answer_the_rest(amara)
        upload_wrong_then_right(amara, tmp_path)
        choose_access(amara, draft)
        prove_domain(amara, organization)
        application = check_and_send(amara, draft)
        await_the_workers_checks(amara)

        ravi, rosa = house.staff("reviewer1"), house.staff("reviewer2")
        review_blindly(ravi, rosa, application)
        dana = house.somebody()
        come_in_with_a_passkey_of_her_own(dana)
        decide_narrower(dana, amara, application)
        signatures_hold(stage)
        read_why(amara, application)

        key_file = register_key(amara, keys)
        token = run_snippets(amara, keys)
        call = Caller(stage.base, stage.audience, amara, key_file, token)
        call.is_accepted()
        revoke(house.staff("manager"))
        call.is_refused(keys)

        noted = "status of 422"  # the browser notes the refused upload
        assert [line for line in house.said if noted not in line] == []


# ------------------------------------------------------------------ the service downstream


def put_up_service(house: House, keys: Path) -> None:
    """A developer registers it with a key made in the browser; a manager approves; it starts."""
    devi = house.staff("developer")
    devi.goto("/services/new")
    devi.get_by_label("Name of the service").press_sequentially("Malware Analysis Model")
    devi.get_by_label("Audience").fill(house.stage.audience)
    devi.get_by_label(re.compile("^Malware analysis")).check()
    devi.get_by_role("button", name="Register").click()
    devi.wait_for_url("**/services/svc_*")
    devi.get_by_role("button", name="Make a key pair").click()
    key_file = download(devi, "Download the private key", keys)
    devi.get_by_role("button", name="Register the key").click()
    expect(devi.get_by_text("The key is registered; the one before it")).to_be_visible()
    sena = house.staff("services")
    sena.goto(devi.url)
    sena.get_by_role("button", name="Approve").click()
    expect(sena.get_by_text("Approved. Tokens for its audience can be minted now.")).to_be_visible()
    house.stage.start_service(devi.url.rsplit("/", 1)[-1], key_file)


# ------------------------------------------------------------------ the applicant


def sign_in_and_add_passkey(page: Page) -> None:
    """By the mailed link; a passkey is offered at once, and signs her in the next time."""
    page.goto("/")
    picture(page, "front-page")
    page.get_by_role("link", name="Apply for access").click()
    follow_mailed_link(page, ADDRESS)
    used_up = page.url
    page.get_by_label("Your name").press_sequentially("Amara Lund")
    page.get_by_role("button", name="Make the account and sign in").click()
    expect(page.get_by_role("heading", name="You are signed in. Add a passkey now")).to_be_visible()
    add_authenticator(page)
    page.get_by_label("A name for this passkey").press_sequentially("work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is on your account.")).to_be_visible()
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    assert requests.get(used_up, timeout=10).status_code == 404
    page.goto("/sign-in?next=/defender")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/defender")


def register_organization(page: Page) -> str:
    page.get_by_role("link", name="Register an organization").click()
    page.get_by_label("Legal name of the organization").press_sequentially(HARBOR)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Your organization is registered.")).to_be_visible()
    return page.url


def start_application(page: Page) -> str:
    page.goto("/defender")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/drafts/*")
    return page.url


def type_answers(page: Page, given: dict[str, Any]) -> None:
    """Answer what this page asks, as hands do: typing, choosing, ticking."""
    main = page.locator("main")
    asked = main.locator("form [name]").evaluate_all("found => found.map((e) => e.name)")
    for name, value in given.items():
        if name not in asked or value in ("", []):
            continue
        place = main.locator(f"[name='{name}']")
        if value is True:
            place.check()
        elif place.first.get_attribute("type") in ("radio", "checkbox"):
            for each in [value] if isinstance(value, str) else value:
                main.locator(f"[name='{name}'][value='{each}']").check()
        elif place.evaluate("e => e.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill("")
            place.press_sequentially(str(value))


def answer_with_an_error_first(page: Page) -> None:
    """A wrong website: the page again with everything typed, the summary focused and linked."""
    page.get_by_role("link", name="Your organization").click()
    type_answers(page, {**GIVEN, "website": "harborcert"})
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_title(re.compile("^Error: Your organization"))
    assert page.evaluate("document.activeElement.className") == "errors"
    for name, typed in (("legal_name", HARBOR), ("website", "harborcert"), ("domain", DOMAIN)):
        expect(page.locator(f"[name='{name}']")).to_have_value(typed)
    page.get_by_role("link", name="Enter an address such as https://cert.example").click()
    assert page.evaluate("document.activeElement.name") == "website"
    page.keyboard.press("Control+A")
    page.keyboard.type(GIVEN["website"])
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Part 2 of")).to_be_visible()


def answer_the_rest(page: Page) -> None:
    """Each section; the use case saves itself and is there after a reload without a press."""
    while page.get_by_role("button", name="Save and continue").count():
        type_answers(page, GIVEN)
        if page.locator("[name='use_case']").count():
            expect(page.get_by_text(re.compile("^Saved at"))).to_be_visible()
            page.reload()
            expect(page.locator("[name='use_case']")).to_have_value(GIVEN["use_case"])
            expect(page.locator("[name='volume']")).to_have_value(GIVEN["volume"])
        title = page.title()
        page.get_by_role("button", name="Save and continue").click()
        expect(page).not_to_have_title(title)
        assert not page.title().startswith("Error"), page.locator(".errors").inner_text()


def upload_wrong_then_right(page: Page, folder: Path) -> None:
    """A program that calls itself a PDF is refused with words; a PDF is kept."""
    wrong, right = folder / "extract.pdf", folder / "register.pdf"
    wrong.write_bytes(PROGRAM)
    right.write_bytes(PDF)
    page.get_by_role("link", name="Add a file").click()
    page.get_by_label("File").set_input_files(wrong)
    page.get_by_role("button", name="Upload").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".errors")).to_contain_text("PDF, PNG, JPEG or plain text")
    page.get_by_label("File").set_input_files(right)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("The file is kept, encrypted")).to_be_visible()
    expect(page.locator("main")).to_contain_text("register.pdf")


def choose_access(page: Page, draft: str) -> None:
    """Four scopes of the first level; one of a higher level is refused before."""
    page.goto(draft)
    page.get_by_role("link", name="Level of access and scopes").click()
    page.get_by_label("Verified defender").check()
    wanted = ("Secure code review", "Malware analysis", "Detection engineering", "Patch validation")
    for scope in (*wanted, "Red teaming"):
        page.get_by_label(scope).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".errors")).to_contain_text("does not include Red teaming")
    page.get_by_label("Red teaming").uncheck()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(draft)


def prove_domain(page: Page, organization: str) -> None:
    """The record is copied from the page into the DNS, and looked up live."""
    page.get_by_role("link", name="Prove your domain").click()
    page.get_by_role("button", name="Look it up now").click()
    expect(page.get_by_text("Not found yet. DNS: the name does not exist")).to_be_visible()
    value = copied(page, "Value")
    assert re.fullmatch("ta-[0-9a-f]{32}", value)
    page.goto("/dev/dns")
    page.get_by_label("Domain").press_sequentially(DOMAIN)
    page.get_by_label("Value of the TXT record").fill(value)
    page.get_by_role("button", name="Put it there").click()
    page.goto(organization)
    page.get_by_role("button", name="Look it up now").click()
    expect(page.get_by_text(f"Found in the DNS. {DOMAIN} is proven.")).to_be_visible()


def check_and_send(page: Page, draft: str) -> str:
    """The answers as they will go; terms and declaration; the receipt with its digest."""
    page.goto(draft)
    page.get_by_role("link", name="Check your answers and send").click()
    main = page.locator("main")
    for shown in (HARBOR, GIVEN["use_case"], "Patch validation", "register.pdf", "CSIRT or CERT"):
        expect(main).to_contain_text(shown)
    page.get_by_role("button", name="Send the application").click()
    expect(page).to_have_title(re.compile("^Error: "))
    for term in page.locator("[name='terms']").all():
        term.check()
    page.locator("[name='declared']").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", name="We have your application")).to_be_visible()
    assert re.search(r"\b[0-9a-f]{64}\b", main.inner_text())
    expect(main).to_contain_text("Amara Lund")
    page.get_by_role("link", name="Follow the application").click()
    page.wait_for_url("**/applications/app_*")
    return page.url.rsplit("/", 1)[-1]


def await_the_workers_checks(page: Page) -> None:
    """The tracker moves on by itself, and each check that concerns her says what it found."""
    expect(page.locator("main")).to_contain_text("Where it stands")
    review = page.locator("h1").locator("..").get_by_text("In review")
    reload_until(page, lambda: review.count() > 0, "the checks")
    checks = page.get_by_role("table", name="Checks")
    assert checks.get_by_text("Passed").count() >= 2
    expect(checks).not_to_contain_text("Running now")


# ------------------------------------------------------------------ vetting


_WORDS_WITH_INSTANTS = """(main) => {
  for (const time of main.querySelectorAll('time')) time.textContent = time.dateTime;
  return main.innerText;
}"""


def what_it_says(page: Page, path: str) -> str:
    """The page's words, with each time as its instant: "just now" ages while the other acts, and
    the script that writes it may come before or after the look; so this is one step."""
    page.goto(path)
    return page.locator("main").evaluate(_WORDS_WITH_INSTANTS)


def give_review(page: Page, opinion: str) -> None:
    for criterion in page.locator(".rubric").all():
        criterion.locator("[value='2']").check()
    page.get_by_label("Approve less").or_(page.locator("[value='narrow']")).first.check()
    page.get_by_label("Your reasons").press_sequentially(opinion)


def review_blindly(ravi: Page, rosa: Page, application: str) -> None:
    """Two seats. What the second sees does not change in a letter by what the first did."""
    case = f"/staff/applications/{application}"
    rosa_before = what_it_says(rosa, case), what_it_says(rosa, "/staff/queue")
    ravi.goto("/staff/queue")
    ravi.get_by_role("link", name=HARBOR).click()
    ravi.get_by_role("button", name="Take a seat").click()
    expect(ravi.locator(".errors")).to_contain_text("Confirm that you have no tie")
    ravi.get_by_label("I have no tie").check()
    ravi.get_by_role("button", name="Take a seat").click()
    give_review(ravi, FIRST_OPINION)
    picture(ravi, "review-case")
    ravi.get_by_role("button", name="Give this review").click()
    expect(ravi.get_by_text("Your review is in").first).to_be_visible()
    assert (what_it_says(rosa, case), what_it_says(rosa, "/staff/queue")) == rosa_before

    rosa.goto(case)
    rosa.get_by_label("I have no tie").check()
    rosa.get_by_role("button", name="Take a seat").click()
    expect(rosa.get_by_role("heading", name="Your review")).to_be_visible()
    whole = rosa.content()
    for hidden in ("Ravi", FIRST_OPINION, "1 of 2", "1 review"):
        assert hidden not in whole
    give_review(rosa, SECOND_OPINION)
    rosa.get_by_role("button", name="Give this review").click()
    ravi.goto(case)
    expect(ravi.locator("main")).to_contain_text(SECOND_OPINION)


def come_in_with_a_passkey_of_her_own(page: Page) -> None:
    """The demo's passkey lives in a file; a decision is signed in the browser, by this one."""
    follow_mailed_link(page, "dana@program.example")
    page.get_by_role("button", name="Sign in").click()
    add_passkey(page, "security key")
    sign_in_with_passkey(page)


def signatures_hold(stage: Stage) -> None:
    """The ledger alone proves that a passkey of the decider signed."""
    done = subprocess.run(
        [sys.executable, "-m", "portal", "--data", str(stage.folder),
         "ledger", "verify", "--signatures", "--json"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)["signatures"]
    assert found == {"ok": True, "signed": 1, "unsigned": 0, "bad": ""}


def decide_narrower(dana: Page, amara: Page, application: str) -> None:
    """Two of the four scopes, with a published reason; the letter is shown before it goes."""
    dana.goto("/staff/queue")
    dana.get_by_role("link", name=HARBOR).click()
    for opinion in (FIRST_OPINION, SECOND_OPINION):
        expect(dana.locator("main")).to_contain_text(opinion)
    dana.get_by_role("link", name="Decide").click()
    dana.get_by_label("Approve", exact=True).check()
    for scope in ("Secure code review", "Patch validation"):
        dana.get_by_label(scope).uncheck()
    dana.get_by_text("Some scopes go beyond the purpose", exact=False).first.click()
    dana.get_by_role("button", name="Show the letter").click()
    expect(dana.locator(".letter")).to_contain_text("Some scopes go beyond the purpose")
    expect(dana.locator(".letter")).to_contain_text("Not granted")
    amara.goto(f"/applications/{application}")
    assert amara.get_by_role("link", name="Read the letter").count() == 0
    dana.get_by_role("button", name="Sign and send the decision").click()
    expect(dana.get_by_text("Decided. The organization is told")).to_be_visible()


def read_why(amara: Page, application: str) -> None:
    """The letter names what was granted, what was not, why, and what can be done."""
    amara.reload()
    amara.get_by_role("link", name="Read the letter").click()
    letter = amara.locator(".letter")
    states = {
        scope: letter.locator("li", has_text=scope).locator(".tag").inner_text()
        for scope in ("Malware analysis", "Detection engineering", "Secure code review",
                      "Patch validation")
    }  # fmt: skip
    assert list(states.values()) == ["Granted", "Granted", "Not granted", "Not granted"]
    expect(letter).to_contain_text("The use case supports a part of what you asked for.")
    expect(letter).to_contain_text("What you can do: If you need the rest")
    amara.get_by_role("link", name="Open the grant").click()


# ------------------------------------------------------------------ access


def register_key(amara: Page, keys: Path) -> Path:
    """A key pair made in her browser; the public half alone is sent, once the file is hers."""
    amara.get_by_role("link", name="Register a key").click()
    amara.get_by_role("button", name="Make a key pair").click()
    amara.get_by_label("What will use this key").press_sequentially("Triage pipeline")
    amara.get_by_role("button", name="Register the key").click()
    expect(amara.get_by_text("Download or copy the private key first")).to_be_visible()
    key_file = download(amara, "Download the private key", keys)
    assert key_file.name == "workload-key.jwk.json"
    assert '"d"' in key_file.read_text()
    with amara.expect_request(re.compile("/credentials/new$")) as sent:
        amara.get_by_role("button", name="Register the key").click()
    assert json.loads(key_file.read_text())["d"] not in (sent.value.post_data or "")
    expect(amara.get_by_text("The key is registered. Here is how to use it.")).to_be_visible()
    return key_file


def run(folder: Path, *command: str) -> dict[str, Any]:
    """Run what was copied, beside the downloaded key, with this Python first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def run_snippets(amara: Page, keys: Path) -> str:
    """The page's Python and curl, as copied from it, each print an access token."""
    (keys / "fetch_token.py").write_text(copied(amara, "Fetch a token with Python"))
    by_python = run(keys, sys.executable, "fetch_token.py")
    assert by_python["token_type"] == "DPoP"
    assert by_python["scope"] == SCOPE
    if shutil.which("curl"):
        (keys / "fetch_token.sh").write_text(copied(amara, "Fetch a token with curl"))
        by_curl = run(keys, "bash", "fetch_token.sh")
        assert by_curl["token_type"] == "DPoP"
        assert by_curl["access_token"] != by_python["access_token"]
    return str(by_python["access_token"])


class Caller:
    """The workload: calls the service downstream with the token, bound to its key."""

    def __init__(self, issuer: str, audience: str, amara: Page, key_file: Path, token: str) -> None:
        credential = amara.url.rsplit("/", 1)[-1]
        self.client = TokenClient(issuer, credential, json.loads(key_file.read_text()))
        self.url, self.token = audience + ROUTE, token

    def _post(self) -> requests.Response:
        proof = self.client.proof("POST", self.url, self.token)
        headers = {"Authorization": f"DPoP {self.token}", "DPoP": proof}
        return requests.post(self.url, headers=headers, timeout=10)

    def is_accepted(self) -> None:
        """200 with the key's proof; the bare token is refused."""
        answer = self._post()
        assert answer.status_code == 200
        assert answer.json()["analyzed"] is True
        bearer = {"Authorization": f"Bearer {self.token}"}
        assert requests.post(self.url, headers=bearer, timeout=10).status_code == 401

    def is_refused(self, keys: Path) -> None:
        """The same token with a fresh proof is refused, and no new one is minted."""
        assert self._post().status_code == 401
        assert "access_token" not in run(keys, sys.executable, "fetch_token.py")


def revoke(mateo: Page) -> None:
    """A program manager ends the grant by its page; the page asks once more before it acts."""
    mateo.goto("/staff/grants")
    mateo.get_by_role("link", name=HARBOR).click()
    mateo.locator("summary", has_text="Revoke this grant").click()
    mateo.locator("#revoke-reason").select_option("credential_exposed")
    mateo.get_by_role("button", name="Yes: revoke this grant").click()
    expect(mateo.locator("h1").locator("..")).to_contain_text("Revoked")
