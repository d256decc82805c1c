"""Complaint 15: adding one colleague exposes every case. Here a colleague is let into one
engagement, or one workspace; everything else of the organization answers as if it had never been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import clock, ids, vault
from portal.boards import domains, invitations, organizations
from portal.desk import drafts, invitees
from portal.ledger import perform
from tests import builders
from tests.journeys.pages import press
from tests.portal import sign_on
from tests.portal.ledger import history
from tests.portal.sign_on import Browser, mails_to
from workflows.account.commands.register_automation import RegisterAutomation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.make_directory_token import MakeDirectoryToken
from workflows.organization.commands.map_directory_group import MapDirectoryGroup
from workflows.workspace.commands.place_application import PlaceApplication

GUEST = "gus@guests.example"
# What names nothing of the organization's: parts of the program, of pages and of the account.
_GENERAL = {
    "check": "domain_control", "section_id": "organization", "question_id": "proof",
    "role": "member", "filename": "portal.css", "name": "cyber-defense", "path": "Users",
    "token": "x" * 43,
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    with sign_on.portal(tmp_path) as app:
        yield app


@dataclass
class World:
    """An organization with a thing of every kind, and the one thing that the guest is let into."""

    app: Flask
    org: builders.Org
    owner: Browser
    ids: dict[str, str]
    one: str = ""

    def made(self, path: str, **form: str) -> str:
        """Make something by a form; the id that the answer leads to."""
        answer = self.owner.post(path, **form)
        assert answer.status_code == 302, answer.text
        return str(answer.location).rpartition("/")[2]


@pytest.fixture
def world(house: Flask) -> World:
    people, org = builders.staff(), sign_on.proven()
    grant = builders.grant(org, people)
    credential, _ = builders.credential(org, grant)
    case, draft = builders.submit(org), drafts.start(org.id, "cyber-defense", org.owner)
    drafts.attach(drafts.get(draft, org.owner), "proof", vault.put(org.id, b"a proof"))
    invitation, kept = ids.new("inv"), vault.put(org.id, "other@people.example")
    invitees.note(invitation, "other@people.example")
    perform(Invite(org.id, invitation, kept, "member", clock.iso_in(days=7)), org.owner)
    token, group, automation = ids.new("dtk"), ids.new("dgr"), ids.new("aut")
    perform(MakeDirectoryToken(org.id, token, 90), org.owner)
    perform(MapDirectoryGroup(org.id, group, "member", ""), org.owner)
    perform(
        RegisterAutomation(org.owner.id, automation, automation, {"kty": "EC"},
                           vault.put(org.owner.id, "Board"), ("grants:read",), 90),
        org.owner,
    )  # fmt: skip
    owner = Browser(house)
    owner.sign_in(org.owner)
    found = World(house, org, owner, {})
    days = {"starts_on": clock.now_iso()[:10], "ends_on": clock.iso_in(days=9)[:10]}
    work = {"title": "Another secret one", "targets": "x.example", **days}
    other = found.made(f"/organizations/{org.id}/engagements/new", workspace="", **work)
    room = found.made(f"/organizations/{org.id}/workspaces", name="Heron")
    perform(PlaceApplication(room, case), org.owner)
    found.ids = {
        "org_id": org.id, "domain": org.domain, "draft_id": draft, "application_id": case,
        "grant_id": grant, "credential_id": credential, "account": org.colleague().id,
        "invitation": invitation, "workspace_id": room, "engagement_id": other, "room": room,
        "token_id": token, "group_id": group, "automation": automation,
        "service_id": "svc_0", "session_id": ids.new("ses"), "link": ids.new("sgn"),
        "emergency": ids.new("emg"),
    }  # fmt: skip
    title = work | {"title": "Harbor test"}
    found.one = found.made(f"/organizations/{org.id}/engagements/new", workspace="", **title)
    return found


def let_in(world: World, room: str) -> Browser:
    """Invited from the room's page, signed in by the mailed link, and accepted at home."""
    assert world.owner.post(f"/rooms/{room}/guests", email=GUEST).status_code == 302
    guest = Browser(world.app)
    guest.post("/sign-in", email=GUEST)
    link = re.findall(r"/link/[\w-]+", "\n".join(mails_to(GUEST)))[-1]
    home = press(guest, guest.ask(link), "Make the account and sign in", name="Gus Guest")
    assert "Harbor CERT invites you" in home.text
    press(guest, guest.ask("/defender"), "Accept")
    return guest


def made_up(world: World) -> dict[str, str]:
    """Names of the same kinds, of things that nobody ever made."""
    found = {
        name: ids.new(value.partition("_")[0]) if "_" in value else f"no-{value}"
        for name, value in world.ids.items()
    }
    return found | {"domain": "nowhere.example"}


def asked(world: World, browser: Browser, names: dict[str, str]) -> dict[tuple[str, str], str]:
    """Every route that names a thing, with these names: its status, where it leads and its page,
    the names taken out."""
    answers: dict[tuple[str, str], str] = {}
    for rule in world.app.url_map.iter_rules():
        if not rule.arguments - set(_GENERAL):
            continue
        known = {name: (names | _GENERAL)[name] for name in rule.arguments}
        with world.app.test_request_context():
            url = world.app.url_for(rule.endpoint, **known)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = browser.ask(url, method)
            answers[rule.endpoint, method] = bare(answer, names)
    return answers


def bare(answer: TestResponse, names: dict[str, str]) -> str:
    text = f"{answer.status_code} {answer.headers.get('Location', '')} {answer.text}"
    for value in sorted(names.values(), key=len, reverse=True):
        text = text.replace(value, "(name)")
    text = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", text)
    return re.sub(r'(nonce=")[^"]*', r"\1", text)


@pytest.mark.parametrize("what", ["engagement", "workspace"])
def test_everything_else_is_as_if_it_were_not_there(world: World, what: str) -> None:
    """Every route, with the organization's own names and with made-up ones, answers a colleague
    who was let into one thing to the letter the same; and nothing of it changed anything."""
    if what == "workspace":
        world.one = world.made(f"/organizations/{world.org.id}/workspaces", name="Open one")
    guest = let_in(world, world.one)
    assert guest.ask(f"/{what}s/{world.one}").status_code == 200
    home = guest.ask("/defender").text
    assert ("Harbor test" if what == "engagement" else "Open one") in home
    for secret in ("Another secret one", "Heron", *world.ids.values()):
        if secret not in (world.org.id, world.org.domain):
            assert secret not in home, secret
    before = whole(world)
    real, none = (asked(world, guest, names) for names in (world.ids, made_up(world)))
    assert len(real) > 60
    differ = {door: (real[door], none[door]) for door in real if real[door] != none[door]}
    assert differ == {}
    assert whole(world) == before


def whole(world: World) -> tuple[object, ...]:
    """What the organization's history and rows are, so far as somebody could have moved them."""
    org = world.org
    return (
        [history.entries(stream) for stream in sorted(world.ids.values())],
        organizations.members_of(org.id, org.owner),
        domains.of_organization(org.id, org.owner),
        invitations.of_organization(org.id, org.owner),
        drafts.get(world.ids["draft_id"], org.owner),
    )


def test_a_member_sees_what_the_comparison_asks_for(world: World) -> None:
    """The comparison is no empty one: to the owner the same routes answer otherwise for the
    organization's own names than for made-up ones."""
    real, none = (asked(world, world.owner, names) for names in (world.ids, made_up(world)))
    seen = {endpoint for endpoint, how in real if real[endpoint, how] != none[endpoint, how]}
    for endpoint in ("organization", "members", "application", "draft", "grant", "credential",
                     "workspace", "engagement"):  # fmt: skip
        assert f"defender.{endpoint}" in seen, endpoint


def test_taken_out_again_the_one_thing_is_gone_too(world: World) -> None:
    """From the next request on, what they were let into answers like what never was."""
    guest = let_in(world, world.one)
    page = world.owner.ask(f"/engagements/{world.one}")
    press(world.owner, page, "Take out")
    names = {"engagement_id": world.one}
    gone = bare(guest.ask(f"/engagements/{world.one}"), names)
    never = {"engagement_id": ids.new("eng")}
    assert gone == bare(guest.ask(f"/engagements/{never['engagement_id']}"), never)
