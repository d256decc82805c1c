"""Complaint 15, adding one colleague exposes every case: here it shows them one thing."""

from __future__ import annotations

import io
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.boards import grants, organizations
from portal.desk import drafts
from portal.extensions import db
from portal.identity.viewer import actor_of
from portal.ledger import perform
from tests import builders
from tests.portal.people import ask, look, signed_in
from workflows.actors import Actor, Strength
from workflows.workspace.commands.place_application import PlaceApplication


def status(app: Flask, actor: Actor, path: str) -> int:
    client: FlaskClient = signed_in(app, actor)
    db.session.rollback()
    with Flask.app_context(app):
        return client.get(path).status_code


def made(app: Flask, org: builders.Org, path: str, **form: str) -> str:
    """Make something by a form; the id that the answer leads to."""
    answer = ask(app, org.owner, path, **form)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def workspace(app: Flask, org: builders.Org, name: str = "Heron") -> str:
    return made(app, org, f"/organizations/{org.id}/workspaces", name=name)


def engagement(app: Flask, org: builders.Org, title: str = "Harbor test", room: str = "") -> str:
    days = {"starts_on": clock.now_iso()[:10], "ends_on": clock.iso_in(days=9)[:10]}
    return made(
        app, org, f"/organizations/{org.id}/engagements/new",
        title=title, targets="portal.harbor.example", workspace=room, **days,
    )  # fmt: skip


def guest_in(app: Flask, org: builders.Org, room: str, address: str = "g@guests.example") -> Actor:
    """Somebody who was invited into the room through its page, and accepted at home."""
    person = builders.person("Gus Guest", address)
    assert ask(app, org.owner, f"/rooms/{room}/guests", email=address).status_code == 302
    page = look(app, person, "/defender")
    invitation = page.partition("/invitations/")[2].partition("/")[0]
    assert ask(app, person, f"/invitations/{invitation}/accept").status_code == 302
    return person


def test_one_colleague_one_engagement(web: Flask) -> None:
    """The guest finds the engagement and nothing else: every other thing of the organization
    answers like one that does not exist, and the very page lists none of it."""
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    credential, _ = builders.credential(org, grant)
    case, draft = builders.submit(org), drafts.start(org.id, "cyber-defense", org.owner)
    one, two = engagement(web, org), engagement(web, org, "Another secret one")
    room = workspace(web, org)
    guest = guest_in(web, org, one)
    home = look(web, guest, "/defender")
    assert "Harbor test" in home
    for secret in ("Another secret one", "Heron", case, grant, draft, "Start an application"):
        assert secret not in home
    assert "portal.harbor.example" in look(web, guest, f"/engagements/{one}")
    closed = (
        f"/engagements/{two}", f"/workspaces/{room}", f"/applications/{case}", f"/grants/{grant}",
        f"/credentials/{credential}", f"/drafts/{draft}", f"/organizations/{org.id}",
        f"/organizations/{org.id}/members", f"/organizations/{org.id}/workspaces",
        f"/applications/{case}/receipt", f"/grants/{grant}/credentials/new",
        f"/organizations/{org.id}/sign-on",
    )  # fmt: skip
    assert {path: status(web, guest, path) for path in closed} == dict.fromkeys(closed, 404)
    for path in (f"/engagements/{one}/close", f"/engagements/{one}/change"):
        assert ask(web, guest, path).status_code == 403
    assert organizations.of(guest.id) == {}


def test_a_workspace_shows_what_was_put_into_it(web: Flask) -> None:
    """Application, its grant, a draft to help with and the workspace's engagement; taken out
    again, or the workspace closed, they are gone for the guest at once."""
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    case = rooms_case(grant, org)
    draft, other = (drafts.start(org.id, "cyber-defense", org.owner) for _ in range(2))
    room = workspace(web, org)
    work = engagement(web, org, room=room)
    guest = guest_in(web, org, room)
    for thing in (case, draft):
        path = f"/workspaces/{room}/applications"
        assert ask(web, org.owner, path, application=thing).status_code == 302
    seen = (f"/applications/{case}", f"/applications/{case}/letter", f"/grants/{grant}",
            f"/drafts/{draft}", f"/workspaces/{room}", f"/engagements/{work}")  # fmt: skip
    assert {path: status(web, guest, path) for path in seen} == dict.fromkeys(seen, 200)
    assert status(web, guest, f"/drafts/{other}") == 404
    assert other not in look(web, guest, f"/workspaces/{room}")
    assert ask(web, guest, f"/applications/{case}/withdraw").status_code in (403, 409)
    assert ask(web, guest, f"/drafts/{draft}/check").status_code != 302
    assert status(web, guest, f"/grants/{grant}/credentials/new") == 404
    path = f"/workspaces/{room}/applications/{draft}/take-out"
    assert ask(web, org.owner, path).status_code == 302
    assert status(web, guest, f"/drafts/{draft}") == 404
    assert ask(web, org.owner, f"/workspaces/{room}/close").status_code == 302
    assert {path: status(web, guest, path) for path in seen} == dict.fromkeys(seen, 404)


def rooms_case(grant: str, org: builders.Org) -> str:
    return str(grants.get(grant, org.owner).application)


def test_a_guest_helps_with_a_draft(web: Flask) -> None:
    """What they save is kept beside what others wrote; they send nothing."""
    org = builders.organization()
    draft, room = drafts.start(org.id, "cyber-defense", org.owner), workspace(web, org)
    guest = guest_in(web, org, room)
    ask(web, org.owner, f"/workspaces/{room}/applications", application=draft)
    page = look(web, guest, f"/drafts/{draft}")
    assert "A member of the organization proves it" in page
    saved = ask(web, guest, f"/drafts/{draft}/sections/organization", legal_name="Harbor CERT",
                domain="guest.example")  # fmt: skip
    assert saved.status_code in (200, 302)
    assert drafts.get(draft, org.owner).answers["legal_name"] == "Harbor CERT"
    assert drafts.get(draft, org.owner).changed_by == guest.id
    assert "guest.example" not in look(web, org.owner, f"/organizations/{org.id}")


def test_another_organizations_draft_is_not_shown_by_placing_it(web: Flask) -> None:
    """The door refuses an id of others, and what slipped past it would show nothing."""
    org, other = builders.organization(), builders.organization("Other", "other.example")
    foreign = drafts.start(other.id, "cyber-defense", other.owner)
    room = workspace(web, org)
    guest = guest_in(web, org, room)
    path = f"/workspaces/{room}/applications"
    assert ask(web, org.owner, path, application=foreign).status_code == 404
    perform(PlaceApplication(room, foreign), org.owner)
    assert status(web, guest, f"/drafts/{foreign}") == 404
    assert foreign not in look(web, guest, "/defender")


def test_a_guest_who_goes_sees_nothing_from_then_on(web: Flask) -> None:
    """Taken out of the room, or removed from the organization, the next request finds nothing."""
    org = builders.organization()
    one, two = engagement(web, org), engagement(web, org, "Second")
    guest = guest_in(web, org, one)
    assert ask(web, org.owner, f"/rooms/{two}/people", account=guest.id).status_code == 302
    assert ask(web, org.owner, f"/rooms/{one}/people/{guest.id}/take-out").status_code == 302
    assert [status(web, guest, f"/engagements/{e}") for e in (one, two)] == [404, 200]
    path = f"/organizations/{org.id}/members/{guest.id}/remove"
    assert ask(web, org.owner, path).status_code == 302
    assert status(web, guest, f"/engagements/{two}") == 404
    assert actor_of(guest.id, Strength.PASSKEY).rooms == frozenset()


def test_a_guest_who_becomes_a_member_sees_all_and_back(web: Flask) -> None:
    """The role decides at every request, not at sign-in."""
    org = builders.organization()
    case = builders.submit(org)
    guest = guest_in(web, org, engagement(web, org))
    path = f"/organizations/{org.id}/members/{guest.id}/role"
    for role, expected in (("member", 200), ("guest", 404)):
        assert ask(web, org.owner, path, role=role).status_code == 302
        assert status(web, guest, f"/applications/{case}") == expected


def test_the_authorization_is_a_download_for_those_in_it(web: Flask) -> None:
    """Attached by an admin, read by the guest; refused by content, due anew after a change."""
    org = builders.organization()
    work = engagement(web, org)
    guest, stranger = guest_in(web, org, work), builders.person("A Stranger")
    client = signed_in(web, org.owner)
    for content, expected in ((b"MZ\x00\x01\x02", 422), (b"We authorize this.", 302)):
        db.session.rollback()
        with Flask.app_context(web):
            answer = client.post(
                f"/engagements/{work}/document",
                data={"file": (io.BytesIO(content), "../letter.txt")},
                content_type="multipart/form-data",
            )
        assert answer.status_code == expected
    path = f"/engagements/{work}/document/download"
    with Flask.app_context(web):
        answer = signed_in(web, guest).get(path)
    assert answer.data == b"We authorize this."
    assert "attachment" in answer.headers["Content-Disposition"]
    assert status(web, stranger, path) == 404
    days = {"starts_on": clock.now_iso()[:10], "ends_on": clock.iso_in(days=30)[:10]}
    change = ask(web, org.owner, f"/engagements/{work}/change", targets="other.example", **days)
    assert change.status_code == 302
    assert "No authorization is attached" in look(web, guest, f"/engagements/{work}")
    assert status(web, guest, path) == 404


def test_days_decide_what_an_engagement_is_called(web: Flask) -> None:
    """Running today, over after its last day; bad days come back beside their field."""
    org = builders.organization()
    work = engagement(web, org)
    assert "Running" in look(web, org.owner, f"/engagements/{work}")
    with time_machine.travel(clock.now() + timedelta(days=11), tick=True):
        assert "Over" in look(web, org.owner, f"/engagements/{work}")
    answer = ask(web, org.owner, f"/organizations/{org.id}/engagements/new", title="x",
                 targets="y", starts_on="2027-03-02", ends_on="2027-03-01")  # fmt: skip
    assert "The last day lies before the first" in answer.text
