"""Deciding through the staff's door: without the decider's own passkey a session decides nothing.

The thief here has a decider's session with a passkey's strength, and every page that it opens.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal import clock
from portal.boards import accounts
from portal.desk import sessions
from portal.extensions import db
from portal.ledger import export, perform, signatures
from portal.ledger.database import writing
from tests import builders
from tests.conftest import make_app, make_settings
from workflows.actors import Actor, Strength
from workflows.application.commands.withdraw import Withdraw

ORIGIN = "http://localhost:8000"
JSON = {"Accept": "application/json"}


@dataclass
class Desk:
    """Two applications that wait for a decision, two deciders, and the first one's browser."""

    app: Flask
    org: builders.Org
    dana: Actor
    dora: Actor
    cases: tuple[str, str]
    client: FlaskClient

    def url(self, case: str, step: str = "") -> str:
        return f"/staff/applications/{case}/decide{step}"

    def show(self, case: str, client: FlaskClient | None = None, **changes: Any) -> dict[str, str]:
        """Show the letter; the hidden fields of the form that signs it."""
        form = {"outcome": "denied", "reasons": ["purpose_unclear"]} | changes
        page = (client or self.client).post(self.url(case), data=form).text
        found = re.findall(r'name="(prepared|nonce|seen)" value="([^"]*)"', page)
        return {name: html.unescape(value) for name, value in found}

    def ask(self, case: str, shown: dict[str, str]) -> dict[str, Any]:
        answer = self.client.post(self.url(case, "/options"), data=shown, headers=JSON)
        assert answer.status_code == 200, answer.text
        asked: dict[str, Any] = answer.get_json()
        return asked

    def sign(self, asked: dict[str, Any], by: Actor) -> dict[str, str]:
        """The fields that the browser adds, with a passkey of this person."""
        answer = builders.DEVICE.sign_in(by.id, asked["publicKey"], ORIGIN)
        return {"credential": answer, "nonce": asked["nonce"]}

    def send(self, case: str, fields: dict[str, str]) -> TestResponse:
        return self.client.post(self.url(case, "/send"), data=fields, headers=JSON)

    def written(self) -> list[str]:
        with self.app.app_context():
            return list(export.lines())

    def browser(self, actor: Actor) -> FlaskClient:
        """A browser in which the actor is signed in with their passkey."""
        with self.app.app_context():
            token = sessions.start(actor.id, Strength.PASSKEY)
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The app's context is left before any request, as in a server."""
    app = make_app(make_settings(tmp_path, **getattr(request, "param", {})))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        people, org = builders.staff(), builders.organization()
        dora = builders.person("Dora Decider", roles=("decider",))
        cases = builders.submit(org), builders.submit(org)
        for case in cases:
            builders.pass_checks(case)
            for reviewer in people.reviewers:
                builders.review(case, reviewer)
    made = Desk(app, org, people.decider, dora, cases, app.test_client())
    made.client = made.browser(people.decider)
    yield made
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def refused(desk: Desk, answer: TestResponse, before: list[str], code: str) -> None:
    """In words, with a remedy, and nothing was written."""
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert problem["detail"]
    assert problem["remedy"]
    assert desk.written() == before


def test_a_synced_passkey_signs_no_decision(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One from before the rule is not asked for; an answer with it is refused, and so is that of
    one which was bound when it was added and says now that it may be copied."""
    case = desk.cases[0]
    shown = desk.show(case)
    before = desk.written()
    asked = desk.ask(case, shown)
    monkeypatch.setattr(builders.DEVICE, "_flags", 0x05 | 0x08)
    answer = desk.send(case, {**shown, **desk.sign(asked, desk.dana)})
    refused(desk, answer, before, "passkey_synced")
    monkeypatch.undo()
    asked = desk.ask(case, shown)
    with desk.app.app_context(), writing() as connection:
        connection.execute(update(accounts.passkeys).values(backup_eligible=1))
    answer = desk.send(case, {**shown, **desk.sign(asked, desk.dana)})
    refused(desk, answer, before, "passkey_synced")
    answer = desk.client.post(desk.url(case, "/options"), data=shown, headers=JSON)
    refused(desk, answer, before, "passkey_synced")


def test_a_decision_is_signed_and_proven(desk: Desk) -> None:
    """Show, sign, send: the decision and its signature stand one after the other, and hold."""
    case = desk.cases[0]
    shown = desk.show(case, outcome="approved", scopes=["malware:analyze"],
                      reasons=["scope_beyond_purpose"], note="a private word",
                      expires_on=(clock.now() + timedelta(days=30)).date().isoformat())  # fmt: skip
    asked = desk.ask(case, shown)
    assert asked["publicKey"]["userVerification"] == "required"
    assert len(asked["publicKey"]["allowCredentials"]) == 1
    sent = desk.send(case, {**shown, **desk.sign(asked, desk.dana)})
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/staff/applications/{case}")
    lines = [json.loads(line) for line in desk.written()]
    names = [line["name"] for line in lines if line["stream"] == case]
    assert names[-2:] == ["Decided", "DecisionSigned"]
    proof = next(json.loads(e["data"]) for e in lines if e["name"] == "DecisionSigned")
    assert (proof["rp_id"], proof["origin"]) == ("localhost", ORIGIN)
    with desk.app.app_context():
        assert signatures.verify() == signatures.Verdict(signed=1, unsigned=0, bad="")


def test_the_page_signs_what_it_shows(desk: Desk) -> None:
    """The letter's page has the button, the way to ask, and says what is needed without scripts."""
    denial = {"outcome": "denied", "reasons": ["purpose_unclear"]}
    page = desk.client.post(desk.url(desk.cases[0]), data=denial).text
    assert "Sign and send the decision" in page
    assert f'data-options-href="{desk.url(desk.cases[0], "/options")}"' in page
    assert "A passkey needs JavaScript" in page
    assert "Sign and send the decision" not in desk.client.get(desk.url(desk.cases[0])).text


def test_a_rule_refuses_before_anybody_signs(desk: Desk) -> None:
    """A denial without a reason shows the form with its error, and no letter to sign."""
    before = desk.written()
    page = desk.client.post(desk.url(desk.cases[0]), data={"outcome": "denied"}).text
    assert "Choose at least one reason" in page
    assert "Sign and send the decision" not in page
    assert desk.written() == before


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "no JSON", '{"id": "x"}'])
def test_a_session_alone_decides_nothing(desk: Desk, credential: str) -> None:
    """Without an assertion, or with something that is none, the decision is refused."""
    case, before = desk.cases[0], desk.written()
    shown = desk.show(case)
    nonce = desk.ask(case, shown)["nonce"]
    answer = desk.send(case, {**shown, "credential": credential, "nonce": nonce})
    refused(desk, answer, before, "signature_not_verified")
    refused(desk, desk.send(case, shown), before, "signature_not_verified")


def test_anothers_passkey_decides_nothing(desk: Desk) -> None:
    """Another decider's passkey does not sign for the one who is signed in."""
    case, before = desk.cases[0], desk.written()
    shown = desk.show(case)
    answer = desk.send(case, {**shown, **desk.sign(desk.ask(case, shown), desk.dora)})
    refused(desk, answer, before, "signature_not_verified")


def test_a_signature_is_good_for_its_own_decision_alone(desk: Desk) -> None:
    """An assertion for another outcome, letter or case is refused, with either nonce."""
    case, other = desk.cases
    before = desk.written()
    denial = desk.show(case)
    changes: list[tuple[str, dict[str, str]]] = [
        (case, desk.show(case, reasons=["answers_untrue"])),
        (case, desk.show(case, message="Another sentence in the letter.")),
        (case, desk.show(case, note="Another note.")),
        (other, desk.show(other)),
    ]
    for where, shown in changes:
        signed = desk.sign(desk.ask(case, denial), desk.dana)
        refused(desk, desk.send(where, {**shown, **signed}), before, "signature_not_verified")
        own = {**signed, "nonce": desk.ask(where, shown)["nonce"]}
        refused(desk, desk.send(where, {**shown, **own}), before, "signature_not_verified")


def test_a_signature_counts_once(desk: Desk) -> None:
    """The same assertion sent again is refused, before and after the decision stands."""
    case = desk.cases[0]
    shown = desk.show(case)
    signed = desk.sign(desk.ask(case, shown), desk.dana)
    assert desk.send(case, {**shown, **signed}).status_code == 302
    before = desk.written()
    refused(desk, desk.send(case, {**shown, **signed}), before, "signature_not_verified")


def test_a_question_is_good_for_five_minutes(desk: Desk) -> None:
    """A signature that comes later is refused; asking anew is enough."""
    case, before = desk.cases[0], desk.written()
    shown = desk.show(case)
    signed = desk.sign(desk.ask(case, shown), desk.dana)
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        refused(desk, desk.send(case, {**shown, **signed}), before, "signature_not_verified")
        again = desk.sign(desk.ask(case, shown), desk.dana)
        assert desk.send(case, {**shown, **again}).status_code == 302


def test_the_person_must_be_verified(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that only felt a touch, and did not verify who touched it, does not sign."""
    case, before = desk.cases[0], desk.written()
    shown = desk.show(case)
    monkeypatch.setattr(builders.DEVICE, "_flags", 0x01)
    answer = desk.send(case, {**shown, **desk.sign(desk.ask(case, shown), desk.dana)})
    refused(desk, answer, before, "signature_not_verified")


def test_only_what_was_shown_to_this_person_is_signed(desk: Desk) -> None:
    """A changed, a foreign and a missing decision are refused, when asked for and when sent."""
    case, other = desk.cases
    before, shown = desk.written(), desk.show(case)
    texts = ["", "x.{}", shown["prepared"].replace('"purpose_unclear"', '"answers_untrue"'),
             desk.show(other)["prepared"],
             desk.show(case, desk.browser(desk.dora))["prepared"]]  # fmt: skip
    signed = desk.sign(desk.ask(case, shown), desk.dana)
    for text in texts:
        assert text != shown["prepared"]
        fields = {**shown, **signed, "prepared": text}
        for step in ("/options", "/send"):
            answer = desk.client.post(desk.url(case, step), data=fields, headers=JSON)
            refused(desk, answer, before, "letter_not_shown")


def test_nothing_but_base64url_reaches_the_ledger(desk: Desk) -> None:
    """Letters that a decoder skips are not kept: they could say anything."""
    case = desk.cases[0]
    shown = desk.show(case)
    signed = desk.sign(desk.ask(case, shown), desk.dana)
    said = json.loads(signed["credential"])
    said["response"]["signature"] += "\n !"
    smuggled = {"credential": json.dumps(said), "nonce": signed["nonce"] + "\n !"}
    desk.send(case, {**shown, **smuggled})
    for line in map(json.loads, desk.written()):
        if line["name"] == "DecisionSigned":
            kept = json.loads(line["data"])
            assert re.fullmatch(r"[\w-]+", kept["nonce"] + kept["signature"])


def test_what_happened_meanwhile_is_said(desk: Desk) -> None:
    """A case that was withdrawn between showing and sending is refused, and the page says so."""
    case = desk.cases[0]
    shown = desk.show(case)
    signed = desk.sign(desk.ask(case, shown), desk.dana)
    with desk.app.app_context():
        perform(Withdraw(case), desk.org.owner)
    before = desk.written()
    answer = desk.send(case, {**shown, **signed})
    assert answer.status_code == 409
    assert "withdrawn" in answer.get_json()["meanwhile"][0]
    assert desk.written() == before


@pytest.mark.parametrize("desk", [{"demo": True}], indirect=True)
def test_the_demo_signs_for_whoever_has_no_device(desk: Desk) -> None:
    """In demo mode alone a second button signs with the demo's own passkey, which is on record."""
    case = desk.cases[0]
    shown = desk.show(case)
    answer = desk.client.post(f"/dev/sign/{case}", data={"prepared": shown["prepared"]})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/applications/{case}")
    with desk.app.app_context():
        assert signatures.verify() == signatures.Verdict(signed=1, unsigned=0, bad="")


def test_an_earnest_portal_signs_for_nobody(desk: Desk) -> None:
    """Outside of demo mode there is neither the button nor what it leads to."""
    case = desk.cases[0]
    shown = desk.show(case)
    answer = desk.client.post(f"/dev/sign/{case}", data={"prepared": shown["prepared"]})
    assert answer.status_code == 404
    denial = {"outcome": "denied", "reasons": ["purpose_unclear"]}
    assert "demo" not in desk.client.post(desk.url(case), data=denial).text
