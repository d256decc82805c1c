"""Every page that people reach by links, at a desk and on a phone, looked at by axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from portal.boards import applications, grants, organizations
from portal.demo import seed
from portal.demo.cast import SAMPLES, STAFF
from portal.desk import links
from tests import builders
from tests.journeys.people import (
    NARROW,
    WIDE,
    House,
    chromium,
    follow_mailed_link,
    reload_until,
    standing_stage,
)
from tests.portal.provider import Provider, standing
from tests.portal.sign_on import configure
from workflows.actors import Actor, Strength

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
APPLICANTS = ("draft", "unproven", "approved", "suspended", "denied")
# Kinds of page that must have been met: the crawl is not to grow poor unseen.
EXPECTED = {
    "public.front", "public.sign_in", "public.program", "public.account",
    "public.devices", "public.automations", "public.privacy", "public.own_data",
    "public.password", "public.password_sign_in",
    "defender.home", "defender.workspaces",
    "defender.new_organization", "defender.organization", "defender.members",
    "defender.attestation",
    "defender.sign_on_settings", "defender.directory", "public.start_sign_on",
    "defender.draft",
    "defender.section", "defender.access", "defender.upload_file", "defender.application",
    "defender.receipt", "defender.letter", "defender.grant", "defender.new_credential",
    "defender.credential",
    "staff.queue", "staff.case", "staff.decide", "staff.grants", "staff.grant", "staff.ledger",
    "staff.verify_ledger", "staff.people", "staff.emergency", "staff.council",
    "staff.contested_domains", "staff.reads",
    "defender.reads",
    "service.services", "service.service", "service.new_service",
    "dev.start", "dev.mailbox", "dev.dns", "dev.sign_in",
}  # fmt: skip
# Pages that differ most by state or by role: looked at twice.
TWICE = {"staff.case", "defender.application", "defender.grant", "defender.organization"}
DARK = {"public.front", "defender.home", "defender.section", "staff.case", "staff.decide"}
FILES = {"staff.case_file", "defender.application_file", "defender.download_draft_file", "static"}


@dataclass(slots=True)
class Street(House):
    """A stage beside which an organization's provider stands."""

    provider: Provider = field(default_factory=Provider)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A stage with organizations in every state, a key under a grant, a service, a provider."""
    folder = tmp_path_factory.mktemp("pages") / "s"
    with chromium() as browser, standing() as provider, standing_stage(folder) as stage:
        with stage.app.app_context():
            seed.seed()
            _furnish(provider)
        yield Street(stage, browser, provider=provider)


def _actor(address: str, *roles: str) -> Actor:
    account = links.account_of(address) or ""
    return Actor(account, frozenset(roles), organizations.of(account), Strength.PASSKEY)


def _furnish(provider: Provider) -> None:
    staff = {p.key: _actor(p.address, *p.roles) for p in STAFF}
    people = builders.Staff(
        intake=staff["intake"], reviewers=(staff["reviewer1"], staff["reviewer2"]),
        decider=staff["decider"], manager=staff["manager"], auditor=staff["auditor"],
        developer=staff["developer"], services=staff["services"],
    )  # fmt: skip
    builders.service(people)
    sample = next(s for s in SAMPLES if s.ends == "approved")
    owner = _actor(f"sec@{sample.domain}")
    held = grants.of_organizations(owner)[0]
    org = builders.Org(held.org_id, owner, sample.name, sample.domain, "")
    builders.credential(org, held.id)
    configure(org, provider)


def _endpoint(app: Flask, path: str) -> str:
    """The route behind a path: pages of one route are of one kind."""
    return app.url_map.bind("localhost").match(path)[0]


def _links(page: Page, app: Flask, base: str) -> list[tuple[str, str]]:
    """Paths on this page that stay on the site, with their kinds."""
    found = page.locator("a[href]").evaluate_all("all => all.map((a) => a.href)")
    paths = dict.fromkeys(
        re.sub("#.*", "", href).removeprefix(base) or "/" for href in found if href.startswith(base)
    )
    return [(path, _endpoint(app, urlsplit(path).path)) for path in paths]


def _problems(page: Page, kind: str) -> list[str]:
    """What is wrong with the page as it stands: for axe, and for a desk's and a phone's width."""
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    wrong = []
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"{kind} is {wide} wide at {width}")
    for scheme in ("light", "dark") if kind in DARK else ("light",):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
        wrong += [
            f"{kind} in {scheme}: {v['id']}: {n['html'][:160]}"
            for v in found["violations"]
            for n in v["nodes"]
        ]
    page.emulate_media(color_scheme="light")
    return wrong


def _crawl(house: House, page: Page, start: str, seen: dict[str, int]) -> list[str]:
    """Follow links from a first page to one page of each kind, and to every section of the form;
    look closely at what nobody has met before."""
    app, base = house.stage.app, house.stage.base
    waiting, met, wrong = [start], {start}, []
    mine: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        kind = _endpoint(app, urlsplit(path).path)
        if kind in FILES or (kind in mine and kind != "defender.section"):
            continue
        answer = page.goto(path)
        assert answer
        kind = _endpoint(app, urlsplit(page.url).path)  # a redirect leads to a page of its own
        if answer.status != 200:
            wrong.append(f"{path} answered {answer.status}")
        onward = [found for found, _ in _links(page, app, base) if found not in met]
        met.update(onward)
        waiting += onward
        if kind in mine:
            continue
        mine.add(kind)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] > (2 if kind in TWICE else 1):
            continue
        wrong += _problems(page, f"{path} ({kind})" if kind not in DARK else kind)
    page.close()
    return wrong


@pytest.mark.browser
@pytest.mark.slow
def test_every_page_holds(house: House) -> None:
    """Nobody meets a page that errs, that axe complains of, or that is wider than its screen."""
    seen: dict[str, int] = {}
    wrong = _crawl(house, house.somebody(), "/", seen)
    wrong += _crawl(house, house.somebody(), "/dev/", seen)
    for person in STAFF:
        wrong += _crawl(house, house.staff(person.key), "/home", seen)
    for ends in APPLICANTS:
        sample = next(s for s in SAMPLES if s.ends == ends)
        page = house.somebody()
        follow_mailed_link(page, f"sec@{sample.domain}")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/account*")
        wrong += _crawl(house, page, "/defender", seen)
    assert wrong == [], "\n".join(wrong)
    assert EXPECTED - set(seen) == set()
    assert house.said == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_person_comes_in_through_their_organization(house: Street) -> None:
    """From the sign-in page by the address's domain to the provider, back, and into an account that
    was there before: by a mailed link and a press; the page between holds, too."""
    sample = next(s for s in SAMPLES if s.ends == "approved")
    address = f"sec@{sample.domain}"
    house.provider.claims = {"email": address, "sub": "sec"}
    page = house.somebody()
    page.goto("/sign-in")
    page.get_by_text("Through your organization").click()
    page.get_by_label("Your address at the organization").fill(address)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Go to 127.0.0.1").click()
    page.wait_for_url("**/sign-on/confirm")
    assert _problems(page, "public.confirm_sign_on") == []
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("link", name="Read the mail").click()
    link = page.locator(".card", has_text=address).locator("a[href*='/link/']").first
    reload_until(page, lambda: link.count() > 0, f"the mail to {address}")
    link.click()
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-on/confirm")
    assert _problems(page, "public.confirm_sign_on") == []
    page.get_by_role("button", name="Link them").click()
    page.wait_for_url("**/account")
    assert _problems(page, "public.account") == []
    page.goto("/account/devices")
    again = house.somebody()
    again.goto("/sign-in")
    again.get_by_text("Through your organization").click()
    again.get_by_label("Your address at the organization").fill(address)
    again.get_by_role("button", name="Go on").click()
    again.get_by_role("link", name="Go to 127.0.0.1").click()
    again.wait_for_url(lambda url: "/sign-on/" not in url and "localhost" in url)
    again.goto("/account")
    expect(again.get_by_text("through your organization")).to_be_visible()
    assert house.said == []


@pytest.mark.browser
@pytest.mark.slow
def test_files_are_downloads(house: House) -> None:
    """Evidence comes as a download that no browser shows: by its type, name and sandbox."""
    with house.stage.app.app_context():
        sample = next(s for s in SAMPLES if s.ends == "deciding")
        owner = _actor(f"sec@{sample.domain}")
        application = applications.of_organizations(owner)[0].id
    page = house.staff("auditor")
    answer = page.request.get(f"/staff/applications/{application}/files/proof")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
