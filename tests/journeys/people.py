"""People at their browsers: each a Chromium context of their own, before a demo stage."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from portal.demo.stage import Stage
from portal.extensions import db
from portal.ledger import outbox
from tests.conftest import need

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--disable-component-update",
    "--disable-quic",
]
WIDE, NARROW = 1280, 390
S = TypeVar("S", bound=Stage)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, without a window."""
    found = os.environ.get("PORTAL_CHROMIUM") or shutil.which("chromium")
    need("Chromium (set PORTAL_CHROMIUM, or install it)", bool(found))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def standing_stage(folder: Path, kind: type[S] = Stage) -> Iterator[S]:  # type: ignore[assignment]
    """The demo's processes over a fresh folder; all of them ended afterwards."""
    stage = kind(folder, 0)
    outbox.ring.clear()
    try:
        stage.raise_curtain()
        yield stage
    finally:
        stage.lower_curtain()
        with stage.app.app_context():
            db.session.remove()
            db.engine.dispose()


@dataclass(slots=True)
class House:
    """A stage with people before it; `said` is what any of their consoles said against us."""

    stage: Stage
    browser: Browser
    said: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def somebody(self, width: int = WIDE) -> Page:
        """A browser of its own, in which nobody is signed in."""
        context = self.browser.new_context(
            base_url=self.stage.base,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            accept_downloads=True,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.said.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda m: (
                self.said.append(f"{page.url}: {m.text}")
                if m.type in ("error", "warning")
                else None
            ),
        )
        return page

    def staff(self, key: str) -> Page:
        """One of the demo's cast, signed in with the demo's own passkey."""
        page = self.somebody()
        page.goto(f"/dev/sign-in/{key}")
        page.get_by_role("button", name="Sign in with the demo’s passkey").click()
        page.wait_for_url(lambda url: "/dev/" not in url)
        return page


@dataclass(frozen=True, slots=True)
class Device:
    """What holds somebody's passkeys, as long as they have it."""

    session: CDPSession
    id: str

    def lose(self) -> None:
        """The laptop is gone, and every passkey in it."""
        self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})

    def swap(self) -> None:
        """It is gone, and a security key is in its place, with nothing on it yet."""
        self.lose()
        _take(self.session, "usb")


def add_authenticator(page: Page) -> Device:
    """A platform authenticator that verifies its user, as a laptop's would."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return _take(devices, "internal")


def _take(devices: CDPSession, transport: str) -> Device:
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(devices, added["authenticatorId"])


def add_passkey(page: Page, label: str = "laptop") -> Device:
    """The first one, on the page where a mailed link led, with a device of its own."""
    arrive(page, "/account")
    device = add_authenticator(page)
    page.get_by_label("A name for this passkey").fill(label)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is on your account.")).to_be_visible()
    return device


def sign_up(page: Page, address: str, name: str) -> Device:
    """By the mailed link, with a passkey, and signed in with it."""
    follow_mailed_link(page, address)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Make the account and sign in").click()
    device = add_passkey(page)
    sign_in_with_passkey(page)
    return device


def sign_in_with_passkey(page: Page, onward: str = "/account") -> None:
    page.goto(f"/sign-in?next={onward}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrive(page, onward)


def arrive(page: Page, path: str) -> None:
    """Wait for the page at this path, which may stand in another's query, too."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def press(place: Page | Locator, name: str) -> None:
    """Press what asks once more before it acts, and say yes."""
    place.locator("summary", has_text=re.compile(f"^{re.escape(name)}$")).click()
    place.get_by_role("button", name=f"Yes: {name[0].lower()}{name[1:]}").click()


def change_of(page: Page, member: str) -> Locator:
    """What an owner or admin may change about a member, opened in their row of the table."""
    row = page.locator("tr", has=page.get_by_role("rowheader", name=member))
    row.locator("summary", has_text="Change").first.click()
    return row


def follow_mailed_link(page: Page, address: str) -> None:
    """Ask for a link, read the mail, and open the link in it."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").press_sequentially(address)
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("link", name="Read the mail").click()
    link = page.locator(".card", has_text=address).locator("a[href*='/link/']").first
    reload_until(page, lambda: link.count() > 0, f"the mail to {address}")
    link.click()
    page.wait_for_url("**/link/*")


def mailed(page: Page, subject: str) -> set[str]:
    """The addresses to which mail with this subject went so far."""
    found: list[dict[str, str]] = page.request.get("/dev/mail.json").json()
    return {mail["to"] for mail in found if subject in mail["subject"]}


def wait_for_mail(page: Page, subject: str, *addresses: str) -> None:
    """Until everybody named, and nobody else, has the mail."""
    for _ in range(75):
        if mailed(page, subject) == set(addresses):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{subject!r} went to {mailed(page, subject)}, not to {addresses}")


def reload_until(page: Page, held: object, what: str, tries: int = 100) -> None:
    """Press reload, as somebody who waits does, until the page shows it."""
    assert callable(held)
    for _ in range(tries):
        if held():
            return
        page.wait_for_timeout(200)
        page.reload()
    raise AssertionError(f"waited in vain for {what}")


def copied(page: Page, label: str) -> str:
    """Press the copy button that names `label`, and read the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name=re.compile(rf"^(Copy|Copied)\s+{re.escape(label)}$"))
    button.click()
    expect(button).to_have_text(re.compile("Copied"))
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def download(page: Page, name: str, folder: Path) -> Path:
    """Press a link that downloads, and keep the file under the name that the page gave it."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    kept = folder / coming.value.suggested_filename
    coming.value.save_as(kept)
    return kept


def picture(page: Page, name: str) -> None:
    """Keep a picture for the documentation, when a run is asked for pictures."""
    if os.environ.get("PORTAL_SCREENSHOTS") != "1":
        return
    folder = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.emulate_media(color_scheme="light")
    page.evaluate(
        "scrollTo(0, 0); document.querySelectorAll('.right').forEach((e) => e.scrollTo(0, 0))"
    )
    page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size < 200_000
