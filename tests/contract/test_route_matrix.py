"""Every route x every actor x every strength of sign-in, generated from the url map."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from joserfc import jwk
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock, guard, ids, vault
from portal.app import ZONES
from portal.boards import accounts, grants, invitations
from portal.desk import drafts, invitees, sessions
from portal.extensions import db, limiter
from portal.guard import Zone
from portal.ledger import outbox, perform
from tests import builders
from tests.conftest import make_app, make_settings
from tests.contract.doors import ACTORS, DOORS, PASSKEY
from workflows.actors import Actor, Strength
from workflows.emergency.commands.break_glass import BreakGlass
from workflows.emergency.commands.confirm_break_glass import ConfirmBreakGlass
from workflows.engagement.commands.attach_document import AttachDocument
from workflows.engagement.commands.open import Open as OpenEngagement
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.place_member import PlaceMember
from workflows.organization.commands.withdraw_invitation import WithdrawInvitation
from workflows.workspace.commands.open import Open as OpenWorkspace
from workflows.workspace.commands.place_application import PlaceApplication

STRENGTHS = {"link": Strength.LINK, "totp": Strength.TOTP, "passkey": Strength.PASSKEY}
# What the rules of a form post carry, where an empty one would be refused for its shape before
# the question of who asks is put.
FORMS = {
    "defender.invite": {"email": "new@harborcert.example", "role": "member"},
    "defender.change_role": {"role": "admin"},
    "defender.revoke_credential": {"reason": "error"},
    "defender.start": {},
    "defender.set_directory_start": {"role": "member"},
    "defender.register_directory_key": {
        "jwk": json.dumps(jwk.OKPKey.generate_key("Ed25519").as_dict(private=False))
    },
    "defender.invite_guest": {"email": "guest@harborcert.example"},
    "staff.clear_check": {"reason": "x"},
    "staff.recuse": {"reason": "x"},
    "staff.take_seat": {"no_conflict": "y"},
}


# What looking at a page may change: who read what, and when a session and a person were last seen.
CHANGED_BY_LOOKING = {"access_records", "sessions", "last_days"}


@dataclass
class World:
    app: Flask
    actors: dict[str, Actor]
    values: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One organization with a thing of every kind, and a person for every part."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    app = make_app(make_settings(folder))
    app.config["WTF_CSRF_ENABLED"] = False  # the question here is who, not from which page
    app.config["PROPAGATE_EXCEPTIONS"] = False
    outbox.ring.clear()
    with app.app_context():
        people, org = builders.staff(), builders.organization()
        grant = builders.grant(org, people)
        credential, _ = builders.credential(org, grant)
        service, _ = builders.service(people)
        application = builders.submit(org)
        actors = {
            "outsider": builders.organization("Elsewhere", "elsewhere.example").owner,
            "member": org.colleague(), "owner": org.owner, "intake": people.intake,
            "reviewer": people.reviewers[0], "decider": people.decider, "manager": people.manager,
            "auditor": people.auditor, "developer": people.developer, "services": people.services,
            "administrator": builders.person("Ad Min", roles=("administrator",)),
            "emergency": builders.person("Emma Council", roles=("council",)),
            "council": builders.person("Cora Council", roles=("council",)),
        }  # fmt: skip
        draft = drafts.start(org.id, "cyber-defense", org.owner)
        drafts.attach(drafts.get(draft, org.owner), "proof", vault.put(org.id, b"a proof"))
        decided = grants.for_notice(grant)
        values = {
            "filename": "portal.css", "name": "cyber-defense", "token": "x" * 43,
            "org_id": org.id, "domain": org.domain, "draft_id": draft,
            "section_id": "organization", "question_id": "proof", "application_id": application,
            "check": "domain_control", "grant_id": grant, "credential_id": credential,
            "service_id": service, "decided": decided.application if decided else "",
            "account": org.colleague().id, "invitation": "", "role": "intake",
            "session_id": ids.new("ses"), "link": ids.new("sgn"), "path": "Users",
            "token_id": ids.new("dtk"), "group_id": ids.new("dgr"),
            "automation": ids.new("aut"), "emergency": "",
        }  # fmt: skip
        FORMS["defender.offer_ownership"] = {"account": values["account"]}
    world = World(app, actors, values)
    values |= _rooms(world)
    values["emergency"] = _asked(world)
    with app.app_context():
        perform(ConfirmBreakGlass(values["emergency"]), people.manager)
    yield world
    with app.app_context():
        db.engine.dispose()


def _asked(world: World) -> str:
    """Emergency power that one of staff has asked for."""
    emergency = ids.new("emg")
    with world.app.app_context():
        reason = vault.put(emergency, "A drill.")
        perform(BreakGlass(emergency, 4, reason, others=9), world.actors["emergency"])
    return emergency


def _rules() -> list[tuple[str, str]]:
    """(endpoint, method) of every route of a portal that is not in demo mode."""
    app = Flask("routes", static_folder="static")
    for zone in ZONES:
        app.register_blueprint(import_module(f"portal.zones.{zone}").zone)
    return sorted(
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


RULES = _rules()


def _invitation(world: World, endpoint: str) -> str:
    """A fresh invitation each time, because an answer uses it up.

    Those to oneself come from the outsider's own organization: accepting ends in "a member
    already", so that nobody changes sides between two cells.
    """
    to_oneself = endpoint in (
        "defender.accept_invitation",
        "defender.ask_again",
        "defender.decline_invitation",
    )
    invitation = ids.new("inv")
    with world.app.app_context():
        by = builders.again(world.actors["outsider" if to_oneself else "owner"])
        org_id = next(iter(by.memberships)) if to_oneself else world.values["org_id"]
        for earlier in invitations.of_organization(org_id, by):  # fifty may wait, and no more
            perform(WithdrawInvitation(org_id, earlier.id), by)
        invitees.note(invitation, accounts.address(by.id) or "")
        kept = vault.put(org_id, "somebody@people.example")
        perform(Invite(org_id, invitation, kept, "member", clock.iso_in(days=7)), by)
    return invitation


def _rooms(world: World) -> dict[str, str]:
    """A fresh workspace and engagement each time, with the member and an application in them."""
    found = {"workspace_id": ids.new("ws"), "engagement_id": ids.new("eng")}
    with world.app.app_context():
        owner, member = (builders.again(world.actors[who]) for who in ("owner", "member"))
        org_id, first = world.values["org_id"], clock.now_iso()[:10]
        kept, application = vault.put(org_id, "{}"), world.values["application_id"]
        perform(OpenWorkspace(found["workspace_id"], org_id, kept), owner)
        perform(OpenEngagement(found["engagement_id"], org_id, "", kept, kept, first, first), owner)
        perform(AttachDocument(found["engagement_id"], kept, kept), owner)
        perform(PlaceApplication(found["workspace_id"], application), owner)
        perform(PlaceMember(org_id, member.id, found["workspace_id"]), owner)
    FORMS["defender.place_application"] = {"application": application}
    FORMS["defender.place_member"] = {"account": member.id}
    return found | {"room": found["workspace_id"]}


def _come_back(world: World) -> None:
    """The member who left is invited again, so that the next cell finds them where they were."""
    with world.app.app_context():
        owner, member = (builders.again(world.actors[who]) for who in ("owner", "member"))
        org_id, invitation = world.values["org_id"], ids.new("inv")
        if org_id not in member.memberships:
            kept = vault.put(org_id, "somebody@people.example")
            perform(Invite(org_id, invitation, kept, "member", clock.iso_in(days=7)), owner)
            perform(AcceptInvitation(org_id, invitation), member)


def _url(world: World, endpoint: str, method: str) -> str:
    rule = next(r for r in world.app.url_map.iter_rules() if r.endpoint == endpoint)
    known = dict(world.values)
    if method == "POST" and rule.arguments & {"workspace_id", "engagement_id", "room"}:
        known |= _rooms(world)
    if endpoint == "defender.unplace_member":
        known["account"] = world.actors["member"].id
    if endpoint.startswith("staff.") and endpoint.endswith("_recovery"):
        known["account"] = world.actors["outsider"].id  # whom no cell recovers
    values = {name: known[name] for name in rule.arguments}
    if "emergency" in values and method == "POST":  # the first one lasts, and nobody touches it
        values["emergency"] = _asked(world)
    if "invitation" in values:
        values["invitation"] = _invitation(world, endpoint)
    if endpoint == "defender.letter":
        values["application_id"] = world.values["decided"]
    with world.app.test_request_context():
        return world.app.url_for(endpoint, **values)


def _ask(world: World, endpoint: str, method: str, who: str, strength: str) -> tuple[int, str]:
    limiter.enabled = False  # the question is who, not how often
    client = world.app.test_client()
    if who != "nobody":
        with world.app.app_context():
            token = sessions.start(world.actors[who].id, STRENGTHS[strength])
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
    with client.open(
        _url(world, endpoint, method), method=method, data=FORMS.get(endpoint, {}),
        headers={"Accept": "application/json"},
    ) as answer:  # fmt: skip
        return answer.status_code, answer.headers.get("Location", "") + _code(answer)


def _code(answer: TestResponse) -> str:
    body = answer.get_json(silent=True)
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def _came_in(status: int, where: str) -> bool:
    """Whether the door opened: whatever the room behind it then said."""
    if status in (401, 403):
        return False
    to_sign_in = where.partition("?")[0] == "/sign-in"
    return not to_sign_in and "not_found" not in where


def test_every_route_has_its_row() -> None:
    """A route that nobody wrote a row for fails, and so does a row without a route."""
    assert {endpoint for endpoint, _ in RULES} == set(DOORS)


def test_a_route_without_roles_cannot_be_made() -> None:
    """A zone refuses to add a route that names nobody."""
    with pytest.raises(TypeError, match="name the roles"):
        Zone("x", __name__).route_for("/x")


def test_a_route_added_past_the_zone_is_refused(tmp_path: Path) -> None:
    """Deny by default: a route that the guard does not know opens to nobody."""
    app = make_app(make_settings(tmp_path))
    app.add_url_rule("/smuggled", endpoint="smuggled", view_func=lambda: "in")
    assert "smuggled" not in guard.ACCESS
    assert app.test_client().get("/smuggled").status_code == 403


# `public.link` opens to everyone, with nothing behind it for a made-up token: its journey has it.
# Nobody is signed in with nothing, so that "nobody" has one strength.
CELLS = [
    (endpoint, method, who, strength)
    for endpoint, method in RULES
    if endpoint != "public.link"
    for who in ACTORS
    for strength in sorted(STRENGTHS)
    if who != "nobody" or strength == "link"
]


@pytest.mark.parametrize(("endpoint", "method", "who", "strength"), CELLS)
def test_a_door(world: World, endpoint: str, method: str, who: str, strength: str) -> None:
    """One route, one actor, one strength of sign-in: in or out, as the row says."""
    door = DOORS[endpoint]
    expected = who in door.who and (door.strength != PASSKEY or strength == "passkey")
    if endpoint == "public.remove_passkey":  # one's own alone: a made-up one is nobody's
        expected = False
    if endpoint in ("public.export_data", "public.ask_erasure") and who == "decider":
        expected = strength == "passkey"  # of these people they alone have one, and so use it
    if (endpoint, method) == ("defender.new_credential", "POST"):
        expected = who in door.who  # the form's shape is refused before the rule is asked
    status, where = _ask(world, endpoint, method, who, strength)
    if endpoint == "defender.leave":
        _come_back(world)
    assert status < 500
    machines = ("issuer.introspect", "issuer.token", "issuer.revoke", "scim.directory")
    if endpoint in machines or endpoint.startswith("api."):
        assert status in (400, 401)  # machines bring their own proof, a session is none
        return
    assert _came_in(status, where) is expected, (status, where)


def test_get_changes_nothing(world: World) -> None:
    """Whoever GETs whatever: no row of any table changes but readings and when one was seen."""

    def picture() -> dict[str, object]:
        with world.app.app_context(), db.engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table)).all()))
                for table in db.metadata.sorted_tables
                if table.name not in CHANGED_BY_LOOKING
            }

    before = picture()
    assert before["events"]
    assert {t.name for t in db.metadata.sorted_tables} >= CHANGED_BY_LOOKING
    for endpoint, method in RULES:
        if method == "GET":
            for who in ACTORS:
                _ask(world, endpoint, method, who, "passkey")
    assert picture() == before
