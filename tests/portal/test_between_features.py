"""What falls between features: each is sound alone, and together they open no way either."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import argon2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock, ids, vault
from portal.boards import accounts, organizations, sign_ons
from portal.desk import invitees, secrets, sessions, sign_on_subjects
from portal.desk.sign_on_attempts import Attempt
from portal.desk.sign_on_subjects import Bound
from portal.extensions import db, limiter
from portal.identity import hashing, linking
from portal.identity.sign_on import Vouched
from portal.ledger import perform
from portal.ledger.tables import jobs
from portal.tasks import run
from tests import builders
from tests.portal.directories import proven, say, token, user
from tests.portal.people import ask, signed_in, visit
from tests.portal.test_address_change import OLD, by_link, changed, path_to, with_passkey
from tests.portal.test_step_up import LATER, ORIGIN, desk
from workflows.account.commands.ask_erasure import AskErasure
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.link_sign_on import LinkSignOn
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.set_password import SetPassword
from workflows.actors import Actor, Strength, robot
from workflows.errors import NotAllowed, NotNow, StrengthNeeded
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.register import Register
from workflows.organization.commands.verify_domain import VerifyDomain

DAY = timedelta(hours=25)
ISSUER = "https://idp.old.example"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "HASHER", argon2.PasswordHasher(1, 64, 1))
    limiter.enabled = False


def work() -> None:
    while run.run_due():
        pass


def joins(org: builders.Org, person: Actor, role: str = "admin") -> None:
    invitation = ids.new("inv")
    kept = vault.put(org.id, "colleague@people.example")
    perform(Invite(org.id, invitation, kept, role, clock.iso_in(days=7)), org.owner)
    perform(AcceptInvitation(org.id, invitation), person)


def linked(person: Actor, org: builders.Org, subject: str) -> None:
    link = ids.new("sgn")
    sign_on_subjects.bind(ISSUER, subject, Bound(link, person.id))
    perform(LinkSignOn(person.id, link, org.id, ISSUER, vault.put(person.id, subject)), person)


def recovered_by(org: builders.Org, person: Actor) -> Callable[[], None]:
    """Two of the organization agree; what is returned lets the day pass."""
    admin = org.colleague("admin")
    perform(ProposeRecovery(person.id, org.id), org.owner)
    perform(ConfirmRecovery(person.id), admin)
    return work


def test_ones_data_holds_no_way_in(web: Flask) -> None:
    """The mail with a sign-in link is in no export, which asks for a sign-in of these minutes."""
    pat = builders.person("Pat", OLD)
    client = signed_in(web, pat, Strength.LINK)
    with Flask.app_context(web):
        web.test_client().post("/sign-in", data={"email": OLD})
    work()
    with Flask.app_context(web):
        found = client.post("/account/data/export").get_data(as_text=True)
    assert "readings_by_you" in found
    assert not re.search(r"/link/[\w-]{20,}", found)
    with time_machine.travel(clock.now() + timedelta(minutes=100), tick=True):
        with Flask.app_context(web):
            refused = client.post("/account/data/export", headers={"Accept": "application/json"})
        assert (refused.status_code, refused.get_json()["code"]) == (403, "sign_in_again")


def test_undoing_a_change_of_address_ends_a_recovery(web: Flask) -> None:
    """Else the reader of the former mailbox presses undo, waits for the day, and is in."""
    org, pat = builders.organization(), builders.person("Pat", OLD)
    joins(org, pat)
    with_passkey(pat, "b2xk")
    changed(web, pat)
    undo = path_to(OLD)
    recovered_by(org, pat)
    with Flask.app_context(web):
        assert web.test_client().post(undo).status_code == 302
    with time_machine.travel(clock.now() + DAY, tick=True):
        work()
        assert accounts.address(pat.id) == OLD
        assert by_link(web, OLD) is None


def test_after_an_undo_only_staff_recover(web: Flask) -> None:
    """Colleagues might vouch for a mailbox that is no longer their person's; staff are told."""
    org, pat, people = builders.organization(), builders.person("Pat", OLD), builders.staff()
    joins(org, pat)
    changed(web, pat, strength=Strength.LINK)
    with Flask.app_context(web):
        web.test_client().post(path_to(OLD))
    with pytest.raises(NotAllowed) as no:
        recovered_by(org, pat)
    assert no.value.code == "address_put_back"
    perform(ProposeRecovery(pat.id, ""), people.manager)
    client = signed_in(web, people.auditor)
    with Flask.app_context(web):
        assert "Address put back" in client.get("/staff/people").text


def test_undo_and_recovery_take_the_providers_word_off(web: Flask) -> None:
    """However long it was linked: who reads the former mailbox may run its domain's provider."""
    old, org = proven("Old", "old.example"), builders.organization("A", "a.example")
    for how, subject in (("undo", "one"), ("recovery", "two")):
        pat = builders.person("Pat", OLD if how == "undo" else "two@old.example")
        with time_machine.travel(clock.now() - timedelta(days=30), tick=True):
            linked(pat, old, subject)
        if how == "undo":
            changed(web, pat)
            with Flask.app_context(web):
                assert web.test_client().post(path_to(OLD)).status_code == 302
        else:
            joins(org, pat, "member")
            recovered_by(org, pat)
            with time_machine.travel(clock.now() + DAY, tick=True):
                work()
        said = Vouched(Attempt(old.id, ISSUER, "portal"), subject, OLD, "Pat", True)
        assert linking._linked(said) == ""
        assert sign_ons.linked_to(pat.id) == []


def test_a_recovery_takes_an_erasure_back(web: Flask) -> None:
    """Whoever stole the account may have asked for it."""
    org, pat = builders.organization(), builders.person("Pat", OLD)
    joins(org, pat, "member")
    perform(AskErasure(pat.id), pat)
    recovered_by(org, pat)
    with time_machine.travel(clock.now() + DAY, tick=True):
        work()
        row = accounts.get(pat.id)
        assert row is not None
        assert row.erasure_due == ""


def test_whoever_came_to_belong_elsewhere_is_not_recovered_by_one(web: Flask) -> None:
    """Asked when it is confirmed, and once more when the day is over."""
    first, second = builders.organization(), builders.organization("B", "b.example")
    pat, admin = builders.person("Pat", OLD), first.colleague("admin")
    joins(first, pat, "member")
    with_passkey(pat, "b2xk")
    perform(ProposeRecovery(pat.id, first.id), first.owner)
    joins(second, pat)
    page = f"/organizations/{first.id}/members/{pat.id}/recovery/confirm"
    assert ask(web, admin, page).get_json()["code"] == "belongs_elsewhere"
    perform(ConfirmRecovery(pat.id), admin)  # as if they had joined a moment after it
    with time_machine.travel(clock.now() + DAY, tick=True):
        work()
        assert accounts.passkeys_of(pat.id)


def test_a_provider_opens_nothing_of_another_organization(web: Flask) -> None:
    """Its word counts as a passkey in its own organization, and elsewhere as a mailed link."""
    theirs, other = proven("X", "x.example"), builders.organization("Y", "y.example")
    pat = builders.person("Pat", "pat@x.example")
    for org in (theirs, other):
        joins(org, pat)
    client = web.test_client()
    session_token = sessions.start(pat.id, Strength.PASSKEY, via=theirs.id)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_token, True
    for org, status in ((other, 403), (theirs, 302)):
        colleague = org.colleague("member")
        db.session.rollback()
        with Flask.app_context(web):
            path = f"/organizations/{org.id}/members/{colleague.id}/role"
            assert client.post(path, data={"role": "admin"}).status_code == status
        assert ("admin" in organizations.of(colleague.id)[org.id]) is (status == 302)


def test_a_stale_session_invites_nobody_and_sets_no_password(web: Flask) -> None:
    """An invited admin, or a password of one's own, would outlive the session that was stolen."""
    org = proven()
    owner, pat = desk(web, org.owner), desk(web, builders.person())
    thief = builders.person("Thief", "thief@evil.example")
    with time_machine.travel(clock.now() + LATER, tick=False):
        form = {"email": "thief@evil.example", "role": "admin"}
        assert owner.post(f"/organizations/{org.id}/invitations", **form).status_code == 403
        assert invitees.of(thief.id) == []
        refused = pat.post("/account/password", password="correct horse battery")
        assert refused.status_code == 403
        assert "correct horse" not in refused.text
        assert secrets.set_up_of(pat.actor.id) is None


def test_the_first_passkey_takes_a_sign_in_of_these_minutes(web: Flask) -> None:
    """Else an old session by link, which may change little, makes itself one that may do all."""
    person = builders.person("Pat", OLD)
    client = signed_in(web, person, Strength.LINK)
    with time_machine.travel(clock.now() + timedelta(minutes=100), tick=False):
        with Flask.app_context(web):
            options = client.post("/passkeys/options").get_json()
        answer = builders.DEVICE.register(options, ORIGIN)
        with Flask.app_context(web):
            form = {"credential": answer, "label": "x"}
            assert client.post("/passkeys", data=form).status_code == 403
        assert accounts.passkeys_of(person.id) == []


def test_a_link_is_no_way_past_a_password(web: Flask) -> None:
    """Whoever reads the mail links no provider of their own to an account with a password."""
    pat = builders.person("Pat", OLD)
    perform(SetPassword(pat.id, "sec_x", tuple(f"c{n}" for n in range(10))), pat)
    by_mail = Actor(pat.id, strength=Strength.LINK)
    with pytest.raises(StrengthNeeded):
        perform(LinkSignOn(pat.id, "sgn_x", "org_x", ISSUER, vault.put(pat.id, "s")), by_mail)


def test_a_directory_reaches_its_own_people_alone(web: Flask) -> None:
    """An entry that turns into a stranger, or a colleague of another domain, ends nothing of
    theirs."""
    org = proven()
    secret = token(org)
    rae = builders.person("Rae", "rae@program.example", roles=("reviewer",))
    adm = builders.person("Adm", "adm@elsewhere.example")
    joins(org, adm)
    client = signed_in(web, rae)
    made = json.loads(say(web, secret, "POST", "/Users", user("x@harborcert.example")).text)
    for name in ("rae@program.example", "adm@elsewhere.example"):
        gone = user(name, active=False)
        assert say(web, secret, "PUT", f"/Users/{made['id']}", gone).status_code == 400
    assert visit(web, client, "/account") == 200
    assert org.id in organizations.of(adm.id)


def test_a_directory_cannot_turn_an_entry_into_the_owner_to_remove_them(web: Flask) -> None:
    """The owner stays, by whichever entry it is said that they go."""
    boss = builders.person("Boss", "boss@own.example")
    org = builders.Org(ids.new("org"), boss, "Own", "own.example", "ta-own")
    perform(Register(org.id, name=vault.put(org.id, org.name)), boss)
    org.owner = builders.again(boss)
    perform(ClaimDomain(org.id, org.domain, org.token, clock.iso_in(days=14)), org.owner)
    perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), robot("dns"))
    secret = token(org)
    made = json.loads(say(web, secret, "POST", "/Users", user("x@own.example")).text)
    gone = user("boss@own.example", active=False)
    assert say(web, secret, "PUT", f"/Users/{made['id']}", gone).status_code == 409
    assert organizations.of(boss.id)[org.id] == {"owner"}


def test_a_proposal_ends_with_its_proposers_role(web: Flask) -> None:
    """Who no longer keeps roles has proposed nothing."""
    one = builders.person("A", roles=("administrator",))
    two = builders.person("P", roles=("program_manager",))
    new = builders.person("W")
    perform(ProposeRole(new.id, "reviewer"), one)
    perform(EndRole(one.id, "administrator"), two)
    with pytest.raises(NotNow):
        perform(ConfirmRole(new.id, "reviewer"), two)


def test_nothing_is_counted_for_a_closed_organization(web: Flask) -> None:
    """Its jobs come to their end, and none is tried for ever."""
    pat = builders.person()
    assert ask(web, pat, "/organizations/new", name="One-Person CERT").status_code == 302
    work()
    assert ask(web, pat, "/account/data/erasure").status_code == 302
    for days in (8, 120, 121):
        with time_machine.travel(clock.now() + timedelta(days=days), tick=True):
            work()
    with db.engine.connect() as connection:
        waiting = select(jobs.c.kind).where(jobs.c.kind == "mind_attestation", jobs.c.done_at == "")
        assert connection.execute(waiting).all() == []


@pytest.mark.parametrize("elsewhere", ["////evil.example/x", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere_after_signing_in(web: Flask, elsewhere: str) -> None:
    """Only a path of our own is gone on to."""
    theirs = desk(web, builders.person())
    asked = theirs.post("/sign-in/passkey/options").get_json()
    said = theirs.device.sign_in(theirs.actor.id, asked, ORIGIN)
    answer = theirs.post("/sign-in/passkey", credential=said, next=elsewhere)
    assert answer.headers["Location"].partition("?")[0] == "/home"


def test_no_name_holds_nul(either_app: Flask) -> None:
    """A path with one is a page that is not there, on either database."""
    client = signed_in(either_app, builders.person("Pat"))
    db.session.rollback()
    for path in ("/link/a%00b", "/account/address/a%00b", "/sign-on/org%00/start"):
        with Flask.app_context(either_app):
            assert client.get(path).status_code == 404, path
