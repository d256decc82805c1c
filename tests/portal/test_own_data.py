"""What is kept of oneself: whole in the export, nobody else in it; the notice keeps its word."""

from __future__ import annotations

import json
import re

from flask import Flask

from portal import vault
from portal.desk import access_records, drafts, links, sessions
from portal.ledger import perform
from portal.tasks import run
from tests import builders
from tests.portal.people import ask, look, signed_in
from workflows.account.commands.add_passkey import AddPasskey
from workflows.actors import Actor, Strength


def exported(app: Flask, actor: Actor, strength: Strength = Strength.PASSKEY) -> str:
    answer = ask(app, actor, "/account/data/export", strength)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    return str(answer.text)


def test_everything_of_oneself_and_nothing_of_others(web: Flask) -> None:
    """Name, address, passkey, organization, entries, mails and drafts are there; a colleague's
    name, address and id are not."""
    org = builders.organization()
    colleague = org.colleague("admin")
    other = builders.person("Somebody Else", "else@people.example")
    me = org.owner
    perform(AddPasskey(me.id, "bWluZQ", "Y29zZQ", "00" * 16, True, vault.put(me.id, "My key")), me)
    draft = drafts.start(org.id, "cyber-defense", me)
    while run.run_due():
        pass
    text = exported(web, me)
    found = json.loads(text)
    assert found["account"]["name"] == "Olena Owner"
    assert [k["label"] for k in found["passkeys"]] == ["My key"]
    assert found["organizations"][0] == {
        "id": org.id, "name": org.name, "roles": ["owner"], "suspended": False,
        "rooms": [],
    }  # fmt: skip
    names = {(e["kind"], e["name"]) for e in found["ledger"]}
    assert {("account", "Opened"), ("account", "PasskeyAdded"), ("organization", "Registered")} <= (
        names
    )
    assert any("passkey" in m["subject"] for m in found["mails"])
    assert [d["id"] for d in found["drafts_last_saved_by_you"]] == [draft]
    assert found["sessions"]
    for somebody in (colleague, other):
        assert somebody.id not in text
    assert "else@people.example" not in text
    assert "A Colleague" not in text


def test_a_guests_rooms_are_theirs_alone(web: Flask) -> None:
    """A guest's export names what they were let into, and nothing more of the organization."""
    org = builders.organization()
    guest = org.colleague("guest")
    found = json.loads(exported(web, guest))
    assert found["organizations"] == [
        {"id": org.id, "name": org.name, "roles": ["guest"], "suspended": False, "rooms": []}
    ]


def test_who_has_a_passkey_uses_it(web: Flask) -> None:
    """By mailed link alone the file is refused to whoever has a passkey, and given to others."""
    person = builders.person("New", "new@people.example")
    exported(web, person, Strength.LINK)
    label = vault.put(person.id, "Key")
    perform(AddPasskey(person.id, "bmV3", "Y29zZQ", "00" * 16, True, label), person)
    assert ask(web, person, "/account/data/export", Strength.LINK).status_code == 403
    exported(web, person)


def test_the_notice_says_the_figures_of_the_code(web: Flask) -> None:
    """Hours, minutes and the way to one's data stand there, for whoever is not signed in too."""
    page = re.sub(r"\s+", " ", look(web, builders.person("Any"), "/privacy"))
    for words in (
        f"for {sessions.ABSOLUTE_HOURS} hours at most",
        f"{sessions.IDLE_MINUTES} minutes of silence",
        f"{sessions.STAFF_IDLE_MINUTES} for staff",
        f"good for {links.MINUTES} minutes",
        f"within {access_records.SAME_MINUTES} minutes",
    ):
        assert words in page
    with Flask.app_context(web):
        assert web.test_client().get("/privacy").status_code == 200
        assert 'href="/privacy"' in web.test_client().get("/sign-in").text
    assert signed_in(web, builders.person("Any")).get("/account/data").status_code == 200
