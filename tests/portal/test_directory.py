"""An organization's directory by SCIM: who it lists is invited, who it no longer lists is out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock, ids
from portal.boards import accounts, invitations, organizations, rooms
from portal.boards.grants import gates
from portal.desk import directory_entries, invitees, sessions
from portal.desk.tables import directory_people, directory_secrets
from portal.directory import following
from portal.extensions import db, limiter
from portal.ledger import outbox, perform
from portal.ledger.tables import events
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.directories import (
    GROUP,
    PATCH,
    proven,
    say,
    set_active,
    token,
    user,
)
from tests.portal.people import ask, look, signed_in, visit
from tests.signing import Machine
from workflows.account.commands.erase import Erase
from workflows.actors import Actor, directory, operator
from workflows.errors import NotAllowed, Refused
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.map_directory_group import MapDirectoryGroup
from workflows.organization.commands.set_directory_start import SetDirectoryStart
from workflows.workspace.commands.open import Open as OpenWorkspace


@pytest.fixture(autouse=True)
def unlimited() -> None:
    limiter.enabled = False


def listed(app: Flask, secret: str, name: str, /, **more: Any) -> dict[str, Any]:
    answer = say(app, secret, "POST", "/Users", user(name, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


def join(org: builders.Org, name: str) -> Actor:
    """Whoever has the address accepts the invitation that waits for them."""
    person = builders.person("Dana Directory", name)
    (invitation,) = invitees.of(person.id)
    perform(AcceptInvitation(org.id, invitation), person)
    run.run_due(500)
    return builders.again(person)


def names(app: Flask, secret: str) -> list[str]:
    found = json.loads(say(app, secret, "GET", "/Users").text)
    return [one["userName"] for one in found.get("Resources", [])]


def recorded(stream: str) -> list[str]:
    with db.engine.connect() as connection:
        return list(
            connection.execute(
                select(events.c.name).where(events.c.stream == stream).order_by(events.c.seq)
            ).scalars()
        )


@pytest.mark.parametrize("how", ["patch", "put", "delete"])
def test_a_departure_takes_effect_within_the_request_that_reports_it(
    either_app: Flask, how: str
) -> None:
    """Membership, sessions and keys are gone when the directory has its answer."""
    app, org = either_app, proven()
    secret = token(org)
    entry = listed(app, secret, "dana@harborcert.example", displayName="Dana")
    dana = join(org, "dana@harborcert.example")
    perform(ChangeRole(org.id, dana.id, "admin"), org.owner)
    dana = builders.again(dana)
    people = builders.staff()
    grant = builders.grant(org, people)
    builders.service(people)
    credential, key = builders.credential(org, grant, by=dana)
    machine = Machine(credential, key)
    assert machine.ask(app).status_code == 200
    client = signed_in(app, dana)
    assert visit(app, client, f"/organizations/{org.id}/members") == 200
    path = f"/Users/{entry['id']}"
    if how == "patch":
        assert say(app, secret, "PATCH", path, set_active(False)).status_code == 204
    elif how == "put":
        body = user("dana@harborcert.example", active=False)
        assert say(app, secret, "PUT", path, body).status_code == 200
    else:
        assert say(app, secret, "DELETE", path).status_code == 204
    assert organizations.of(dana.id) == {}
    assert visit(app, client, f"/organizations/{org.id}/members") == 302
    assert machine.ask(app).json["error"] == "invalid_client"
    with db.engine.connect() as connection:
        at = connection.execute(
            select(events.c.actor).where(
                events.c.stream == org.id, events.c.name == "MemberRemoved"
            )
        ).scalars()
        assert list(at) == [f"directory:{org.id}"]
    assert say(app, secret, "GET", path).status_code == (404 if how == "delete" else 200)


def test_whoever_is_listed_is_invited_and_joins_by_their_own_word(web: Flask) -> None:
    """A listing sends one invitation and makes nobody a member; the address alone can accept it."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "Dana@HarborCERT.example")
    stranger = builders.person("A Thief")
    assert invitees.of(stranger.id) == []
    (row,) = invitations.of_organization(org.id, org.owner)
    assert (row.role, row.invited_by) == ("member", f"directory:{org.id}")
    run.run_due(500)
    dana = join(org, "dana@harborcert.example")
    assert organizations.of(dana.id) == {org.id: frozenset({"member"})}
    for active in (True, True):
        say(web, secret, "PATCH", f"/Users/{entry['id']}", set_active(active))
    assert recorded(org.id).count("Invited") == 1
    assert "Joined" in look(web, org.owner, f"/organizations/{org.id}/directory")


def test_who_left_and_comes_back_is_invited_anew(web: Flask) -> None:
    """Active again after a departure means a new invitation, not a membership by itself."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example")
    dana = join(org, "dana@harborcert.example")
    say(web, secret, "PATCH", f"/Users/{entry['id']}", set_active(False))
    say(web, secret, "PATCH", f"/Users/{entry['id']}", set_active(True))
    assert organizations.of(dana.id) == {}
    (invitation,) = invitees.of(dana.id)
    perform(AcceptInvitation(org.id, invitation), dana)
    assert org.id in organizations.of(dana.id)
    say(web, secret, "DELETE", f"/Users/{entry['id']}")
    assert organizations.of(dana.id) == {}


def test_an_invitation_that_nobody_answered_goes_with_its_entry(web: Flask) -> None:
    """Who left before they joined can no longer join; a changed address moves the invitation."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example")
    moved = user("dana@harborcert.example", emails=[{"value": "d.new@harborcert.example"}])
    assert say(web, secret, "PUT", f"/Users/{entry['id']}", moved).status_code == 200
    former = builders.person("Former Holder", "dana@harborcert.example")
    assert invitees.of(former.id) == []
    holder = builders.person("Dana", "d.new@harborcert.example")
    (invitation,) = invitees.of(holder.id)
    say(web, secret, "DELETE", f"/Users/{entry['id']}")
    assert invitees.of(holder.id) == []
    with pytest.raises(Refused):
        perform(AcceptInvitation(org.id, invitation), holder)


def test_somebody_who_joins_at_that_moment_is_out_too(
    either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted between the directory's look and its act: the second look finds the member."""
    org = proven()
    secret = token(org)
    entry = listed(either_app, secret, "dana@harborcert.example")
    dana = builders.person("Dana", "late@harborcert.example")  # the account is unknown till then
    (invitation,) = (row.id for row in invitations.of_organization(org.id, org.owner))
    act, waiting = following.perform, [True]

    def late(command: object, actor: Actor) -> object:
        if waiting and waiting.pop():
            act(AcceptInvitation(org.id, invitation), dana)
        return act(command, actor)

    monkeypatch.setattr(following, "perform", late)
    answer = say(either_app, secret, "DELETE", f"/Users/{entry['id']}")
    assert answer.status_code == 204
    assert organizations.of(dana.id) == {}


def test_what_was_interrupted_is_taken_up(web: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database fails after the entry says that somebody left: the hourly round removes them."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example")
    dana = join(org, "dana@harborcert.example")

    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(following, "perform", broken)
        web.config["PROPAGATE_EXCEPTIONS"] = False
        answer = say(web, secret, "PATCH", f"/Users/{entry['id']}", set_active(False))
    assert answer.status_code == 500
    assert org.id in organizations.of(dana.id)
    assert following.take_up(clock.iso_in(minutes=1)) == 1
    assert organizations.of(dana.id) == {}
    assert following.take_up(clock.iso_in(minutes=1)) == 0


def test_the_owner_stays_and_everybody_hears_of_it(web: Flask) -> None:
    """A directory that says the owner left gets 409; it is on record once, and admins are told."""
    org = proven()
    secret = token(org)
    address = accounts.address(org.owner.id) or ""
    mine = {"emails": [{"value": "olena@harborcert.example"}]}
    entry = listed(web, secret, "olena@harborcert.example", **mine)
    directory_entries.found_out(entry["id"], account=org.owner.id)
    signed_in(web, org.owner)
    for method, body in (("DELETE", None), ("PATCH", set_active(False))):
        answer = say(web, secret, method, f"/Users/{entry['id']}", body)
        assert answer.status_code == 409
        assert "owns the organization" in json.loads(answer.text)["detail"]
    assert organizations.of(org.owner.id)[org.id] == frozenset({"owner"})
    assert recorded(org.id).count("OwnerDepartureReported") == 1
    assert sessions.of(org.owner.id, "") == []
    run.run_due(500)
    assert any("owner left" in m.subject for m in mail.captured() if m.to == address)
    entry = json.loads(say(web, secret, "GET", f"/Users/{entry['id']}").text)
    assert entry["active"] is True


@pytest.mark.parametrize(
    "address",
    ["dana@elsewhere.example", "dana@harborcert.example..", "dana@sub.harborcert.example", "dana",
     "dana@hаrborcert.example", "dana@harborcert.example@elsewhere.example", "@harborcert.example",
     "dana\u202e@harborcert.example", "d" * 250 + "@harborcert.example"],
)  # fmt: skip
def test_addresses_outside_the_proven_domains_are_refused(web: Flask, address: str) -> None:
    """Another domain, one that looks alike, none at all: 400, and nothing is kept or sent."""
    org = proven()
    secret = token(org)
    builders.organization("Elsewhere", "elsewhere.example")
    answer = say(web, secret, "POST", "/Users", user(address))
    assert answer.status_code == 400, answer.text
    assert json.loads(answer.text)["scimType"] == "invalidValue"
    assert names(web, secret) == []
    assert invitations.of_organization(org.id, org.owner) == []


def test_a_token_reaches_its_own_organization_alone(web: Flask) -> None:
    """To another organization's token an entry does not exist, whatever is asked of it."""
    org, other = proven(), proven("Port CERT", "portcert.example")
    mine, theirs = token(org), token(other)
    entry = listed(web, mine, "dana@harborcert.example")
    group = json.loads(say(web, mine, "POST", "/Groups",
                           {"schemas": [GROUP], "displayName": "Staff"}).text)  # fmt: skip
    replacing = {
        f"/Users/{entry['id']}": user("x@portcert.example"),
        f"/Groups/{group['id']}": {"schemas": [GROUP], "displayName": "X"},
    }
    for path, body in replacing.items():
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            sent = set_active(False) if method == "PATCH" and "Users" in path else body
            if method == "PATCH" and "Groups" in path:
                sent = {"schemas": [PATCH], "Operations": [
                    {"op": "replace", "path": "displayName", "value": "X"}]}  # fmt: skip
            assert say(web, theirs, method, path, sent).status_code == 404, (method, path)
    stolen = {"schemas": [GROUP], "displayName": "Y", "members": [{"value": entry["id"]}]}
    assert say(web, theirs, "POST", "/Groups", stolen).status_code == 400
    assert names(web, theirs) == []
    assert names(web, mine) == ["dana@harborcert.example"]


def test_only_a_token_that_counts_opens_anything(web: Flask) -> None:
    """Unknown, mistyped, revoked, expired, as Basic or missing: 401 with a challenge, all alike."""
    org = proven()
    secret = token(org, days=90)
    revoked = token(org)
    newest = select(directory_secrets).order_by(directory_secrets.c.token.desc())
    with db.engine.connect() as connection:
        row = connection.execute(newest).first()
    assert row is not None
    answer = ask(web, org.owner, f"/organizations/{org.id}/directory/tokens/{row.token}/revoke")
    assert answer.status_code == 302
    said = set()
    for header in ("", "Bearer", f"Bearer {secret}x", f"Basic {secret}", f"Bearer {revoked}",
                   "Bearer " + "ü" * 9):  # fmt: skip
        answer = say(web, "", "GET", "/Users", **{"Authorization": header})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
            401,
            'Bearer realm="SCIM"',
        )
        said.add(answer.text)
    assert len(said) == 1
    assert say(web, secret, "GET", "/Users").status_code == 200
    with time_machine.travel(clock.parse(clock.iso_in(days=91)), tick=False):
        assert say(web, secret, "GET", "/Users").status_code == 401


def test_the_next_token_overlaps_with_the_last(web: Flask) -> None:
    """Rotated, both are accepted for a week, then the new one alone; a third has to wait."""
    org = proven()
    first = token(org, 365)
    second = token(org, 365)
    with pytest.raises(Refused, match="2 tokens or keys are accepted already"):
        token(org)
    assert say(web, first, "GET", "/Users").status_code == 200
    with time_machine.travel(clock.parse(clock.iso_in(days=8)), tick=False):
        assert say(web, first, "GET", "/Users").status_code == 401
        assert say(web, second, "GET", "/Users").status_code == 200
        third = token(org)
        assert say(web, third, "GET", "/Users").status_code == 200


def test_the_token_is_shown_once_and_kept_nowhere(web: Flask) -> None:
    """The page that makes it shows it, not to be stored; no table and no later page has it."""
    org = proven()
    answer = ask(web, org.owner, f"/organizations/{org.id}/directory/tokens", days="90")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = answer.text.split("tap_scim_")[1].split("<")[0].split('"')[0].strip()
    secret = "tap_scim_" + secret
    assert say(web, secret, "GET", "/Users").status_code == 200
    assert secret not in look(web, org.owner, f"/organizations/{org.id}/directory")
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            for row in connection.execute(select(table)).all():
                assert secret not in repr(row), table.name
                assert secret[9:] not in repr(row), table.name


def test_who_may_look_after_the_directory(web: Flask) -> None:
    """Owner and admins with a passkey; to a member it is closed, to others it does not exist."""
    org, other = proven(), builders.organization("Elsewhere", "elsewhere.example")
    page = f"/organizations/{org.id}/directory"
    for who, status in ((org.owner, 200), (org.colleague("admin"), 200), (org.colleague(), 403),
                        (other.owner, 404)):  # fmt: skip
        assert visit(web, signed_in(web, who), page) == status
    with pytest.raises(NotAllowed):
        perform(SetDirectoryStart(org.id, "guest"), directory(org.id))


def test_the_end_of_a_token_is_told_in_time(web: Flask) -> None:
    """Two weeks before the newest token ends its organization hears of it, and once."""
    org = proven()
    token(org, 90)
    address = accounts.address(org.owner.id)
    for days, told in ((70, 0), (77, 1), (80, 1)):
        with time_machine.travel(clock.parse(clock.iso_in(days=days)), tick=False):
            while run.run_due(500):
                pass
            ends = [m for m in mail.captured() if m.to == address and "ends in two" in m.subject]
            assert len(ends) == told, days


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * (256 * 1024 + 1), "application/scim+json", 413),
        (b'{"schemas":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "application/scim+json", 400),
        (b"{not json", "application/scim+json", 400),
        (b"userName=dana", "application/x-www-form-urlencoded", 415),
        (b"[]", "application/scim+json", 400),
        (b"\xff\xfe", "application/scim+json", 400),
        (json.dumps({"schemas": ["urn:other"], "userName": "dana@harborcert.example"}).encode(),
         "application/scim+json", 400),
        (json.dumps(user("dana@harborcert.example", emails=[
            {"value": "a@harborcert.example", "primary": True},
            {"value": "b@harborcert.example", "primary": True}])).encode(),
         "application/scim+json", 400),
        (json.dumps(user("dana@harborcert.example", name={"formatted": "x" * 300})).encode(),
         "application/scim+json", 400),
        (json.dumps(user("dana@harborcert.example", emails=[
            {"value": f"a{n}@harborcert.example"} for n in range(30)])).encode(),
         "application/scim+json", 400),
    ],
)  # fmt: skip
def test_bodies_that_cannot_be_meant_are_refused(
    web: Flask, body: bytes, kind: str, status: int
) -> None:
    """Huge, deep, no JSON, of another schema or contradictory: an error in words, nothing kept."""
    org = proven()
    secret = token(org)
    with Flask.app_context(web):
        answer = web.test_client().post(
            "/scim/v2/Users", data=body, content_type=kind,
            headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip
    assert answer.status_code == status, answer.text
    error = json.loads(answer.text)
    assert error["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert error["detail"]
    assert "Traceback" not in answer.text
    assert names(web, secret) == []


def test_what_is_not_needed_is_not_kept(web: Flask) -> None:
    """Passwords, phones and titles that a directory sends are passed over, at once and later."""
    org = proven()
    secret = token(org)
    listed(web, secret, "dana@harborcert.example", password="hunter2hunter2", title="Boss",
           phoneNumbers=[{"value": "+47 1"}])  # fmt: skip
    (entry,) = directory_entries.people(org.id)
    assert entry.content == {"userName": "dana@harborcert.example", "active": True}
    with db.engine.connect() as connection:
        (row,) = connection.execute(select(directory_people)).all()
    assert b"dana" not in row.sealed


def test_what_real_directories_send_is_understood(web: Flask) -> None:
    """Entra's capital verbs and texts for booleans, Okta's whole replacement without a path."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example", externalId="00u1")
    entra = {"schemas": [PATCH], "Operations": [
        {"op": "Replace", "path": "active", "value": "False"}]}  # fmt: skip
    assert say(web, secret, "PATCH", f"/Users/{entry['id']}", entra).status_code in (200, 204)
    assert not directory_entries.people(org.id)[0].active
    okta = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": True}}]}
    assert say(web, secret, "PATCH", f"/Users/{entry['id']}", okta).status_code in (200, 204)
    assert directory_entries.people(org.id)[0].active
    for asked in ('userName eq "DANA@harborcert.example"', 'externalId eq "00u1"'):
        found = say(web, secret, "GET", f"/Users?filter={asked}")
        assert json.loads(found.text)["totalResults"] == 1, asked
    again = say(web, secret, "POST", "/Users", user("DANA@harborcert.example"))
    assert (again.status_code, json.loads(again.text)["scimType"]) == (409, "uniqueness")


def test_a_group_gives_a_role_and_a_room_and_takes_them_back(web: Flask) -> None:
    """In the group, on joining or later, one has what it gives; out of it, no longer."""
    org = proven()
    secret = token(org)
    room = ids.new("ws")
    name = builders.vault.put(org.id, "Incident team")
    perform(OpenWorkspace(room, org.id, name), org.owner)
    perform(SetDirectoryStart(org.id, "guest"), org.owner)
    entry = listed(web, secret, "dana@harborcert.example")
    said = {"schemas": [GROUP], "displayName": "SOC", "members": [{"value": entry["id"]}]}
    group = json.loads(say(web, secret, "POST", "/Groups", said).text)
    dana = join(org, "dana@harborcert.example")
    assert rooms.guest(dana.id).organizations == frozenset({org.id})
    form = {"role": "security_contact", "room": room}
    page = f"/organizations/{org.id}/directory"
    assert ask(web, org.owner, f"{page}/groups/{group['id']}", **form).status_code == 302
    assert organizations.of(dana.id) == {org.id: frozenset({"security_contact"})}
    assert dana.id in rooms.people_in(room, org.owner)
    assert "SOC" in look(web, org.owner, page)
    out = {"schemas": [PATCH], "Operations": [
        {"op": "remove", "path": f'members[value eq "{entry["id"]}"]'}]}  # fmt: skip
    assert say(web, secret, "PATCH", f"/Groups/{group['id']}", out).status_code in (200, 204)
    assert organizations.of(dana.id) == {}
    assert rooms.guest(dana.id).organizations == frozenset({org.id})
    assert dana.id not in rooms.people_in(room, org.owner)


def test_no_group_makes_or_unmakes_an_admin(web: Flask) -> None:
    """A directory gives no power over the organization, nor takes a role that people gave."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example")
    dana = join(org, "dana@harborcert.example")
    perform(ChangeRole(org.id, dana.id, "admin"), org.owner)
    said = {"schemas": [GROUP], "displayName": "SOC", "members": [{"value": entry["id"]}]}
    group = json.loads(say(web, secret, "POST", "/Groups", said).text)
    with pytest.raises(Refused, match="makes nobody"):
        perform(MapDirectoryGroup(org.id, group["id"], "admin", ""), org.owner)
    perform(MapDirectoryGroup(org.id, group["id"], "member", ""), org.owner)
    following.sort_everybody(org.id)
    assert organizations.of(dana.id) == {org.id: frozenset({"admin"})}


def test_an_erased_persons_entry_goes_too(web: Flask) -> None:
    """What the directory said of somebody who asked to be forgotten is gone with the rest."""
    org = proven()
    secret = token(org)
    listed(web, secret, "dana@harborcert.example")
    listed(web, secret, "kim@harborcert.example")
    dana = builders.person("Dana", "dana@harborcert.example")
    perform(Erase(dana.id, "asked"), operator("tests"))
    run.run_due(500)
    assert names(web, secret) == ["kim@harborcert.example"]


def test_a_removed_members_key_is_closed_at_the_gate(web: Flask) -> None:
    """The directory's departure drops its person as holder of the key, in the ledger itself."""
    org = proven()
    secret = token(org)
    entry = listed(web, secret, "dana@harborcert.example")
    dana = join(org, "dana@harborcert.example")
    perform(ChangeRole(org.id, dana.id, "admin"), org.owner)
    grant = builders.grant(org, builders.staff())
    credential, _ = builders.credential(org, grant, by=builders.again(dana))
    say(web, secret, "DELETE", f"/Users/{entry['id']}")
    with db.engine.connect() as connection:
        gate = connection.execute(select(gates).where(gates.c.credential == credential)).one()
    assert (gate.status, gate.reason) == ("invalid", "member_gone")
    outbox.ring.clear()
