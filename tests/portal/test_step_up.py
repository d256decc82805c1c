"""What matters asks for the passkey now: a session from an hour ago hands nobody any power."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.boards import directories
from portal.demo.authenticator import Authenticator
from portal.desk import sessions
from portal.extensions import db
from portal.identity import passkeys
from tests import builders
from tests.portal.directories import proven
from tests.portal.people import signed_in
from workflows.actors import Actor, Strength

ORIGIN = "http://localhost:8000"
LATER = timedelta(minutes=11)


@dataclass
class Desk:
    """Somebody's browser, signed in with a passkey, and the device that holds it."""

    app: Flask
    actor: Actor
    device: Authenticator
    client: FlaskClient

    def post(self, path: str, **form: Any) -> Any:
        db.session.rollback()
        with Flask.app_context(self.app):
            return self.client.post(path, data=form)

    def answer(self, device: Authenticator | None = None, who: str = "") -> str:
        """The passkey's answer to a question of the portal's, as a browser gives it."""
        asked = self.post("/passkeys/step-up/options").get_json()
        return (device or self.device).sign_in(who or self.actor.id, asked, ORIGIN)


def with_passkey(actor: Actor) -> Authenticator:
    device = Authenticator()
    asked = json.loads(passkeys.registration_options(actor, "Pat"))
    passkeys.register(actor, device.register(asked, ORIGIN), "theirs")
    return device


def desk(app: Flask, actor: Actor) -> Desk:
    device = with_passkey(actor)
    return Desk(app, actor, device, signed_in(app, actor))


def test_a_form_that_is_refused_is_kept_and_done_with_the_passkey(web: Flask) -> None:
    """The page holds what was sent; with the passkey's answer it is done, in a fresh session."""
    org = proven()
    theirs = desk(web, org.owner)
    path = f"/organizations/{org.id}/directory/tokens"
    with time_machine.travel(clock.now() + LATER, tick=False):
        page = theirs.post(path, days="180")
        assert page.status_code == 403
        assert f'action="{path}?step_up=1"' in page.text
        assert re.search(r'name="days" value="180"', page.text)
        assert directories.tokens(org.id, org.owner) == []
        before = {s.id for s in sessions.of(org.owner.id, "")}
        done = theirs.post(f"{path}?step_up=1", days="180", credential=theirs.answer())
        assert "tap_scim_" in done.text
        assert len(directories.tokens(org.id, org.owner)) == 1
        assert {s.id for s in sessions.of(org.owner.id, "")}.isdisjoint(before)
        again = theirs.post(path, days="180")
        assert again.status_code == 200  # fresh from now on


def test_a_stolen_session_hands_out_nothing(web: Flask) -> None:
    """Nothing, nonsense, another's passkey, an answer used before or to another question."""
    org = proven()
    theirs = desk(web, org.owner)
    thief = builders.person("A Thief")
    stolen = with_passkey(thief)
    path = f"/organizations/{org.id}/directory/tokens"
    with time_machine.travel(clock.now() + LATER, tick=False):
        asked = json.loads(passkeys.sign_in_options())
        used = theirs.answer()
        assert theirs.post(f"{path}?step_up=1", days="7", credential=used).status_code == 422
        with time_machine.travel(clock.now() + LATER, tick=False):
            for answer in (
                "",
                "{}",
                "none",
                used,
                theirs.device.sign_in(org.owner.id, asked, ORIGIN),
                theirs.answer(stolen, thief.id),
            ):
                refused = theirs.post(f"{path}?step_up=1", days="180", credential=answer)
                assert refused.status_code == 422
                assert "The passkey was not verified" in refused.text
            assert directories.tokens(org.id, org.owner) == []


def test_a_colleagues_role_and_a_staff_role_wait_for_it(web: Flask) -> None:
    """Each of them is refused by the rule at the writer, whichever page asks, and opens with it."""
    people, org = builders.staff(), builders.organization()
    colleague = org.colleague()
    owner, manager = desk(web, org.owner), desk(web, people.manager)
    role = f"/organizations/{org.id}/members/{colleague.id}/role"
    builders.person("New", "new@staff.example")
    with time_machine.travel(clock.now() + LATER, tick=False):
        assert owner.post(role, role="admin").status_code == 403
        assert builders.again(colleague).memberships[org.id] == {"member"}
        done = owner.post(f"{role}?step_up=1", role="admin", credential=owner.answer())
        assert done.status_code == 302
        assert builders.again(colleague).memberships[org.id] == {"admin"}
        form = {"email": "new@staff.example", "role": "intake"}
        kept = manager.post("/staff/people/propose", **form)
        assert kept.status_code == 403
        assert 'value="new@staff.example"' in kept.text
        path = "/staff/people/propose?step_up=1"
        assert manager.post(path, **form, credential=manager.answer()).status_code == 302


def test_machines_are_told_in_their_words(web: Flask) -> None:
    """Whoever asks for JSON gets the problem with its code, and no page."""
    org = proven()
    theirs = desk(web, org.owner)
    with time_machine.travel(clock.now() + LATER, tick=False), Flask.app_context(web):
        answer = theirs.client.post(
            f"/organizations/{org.id}/directory/tokens",
            data={"days": "180"},
            headers={"Accept": "application/json"},
        )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "step_up")


@pytest.mark.parametrize("strength", [Strength.LINK, Strength.TOTP])
def test_a_weaker_sign_in_is_sent_to_sign_in(web: Flask, strength: Strength) -> None:
    """Who has no passkey's session is not asked to step up, but to sign in with one."""
    org = proven()
    client = signed_in(web, org.owner, strength)
    with time_machine.travel(clock.now() + LATER, tick=False), Flask.app_context(web):
        answer = client.post(f"/organizations/{org.id}/directory/tokens", data={"days": "180"})
    assert answer.status_code == 403
    assert "Sign in with your passkey" in answer.text
