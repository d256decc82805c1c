"""Passwords with their codes: set in one flow, used in two steps, and nothing told in between."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import pyotp
import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from portal import clock, ids, vault
from portal.boards import accounts
from portal.cli import main
from portal.desk import secrets, sessions, tables
from portal.extensions import db
from portal.identity import hashing, password_sign_in, passwords, totp
from portal.ledger import perform
from portal.notices import mail
from portal.tasks import clockwork, run
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.erase import Erase
from workflows.actors import Actor, Strength, operator, robot
from workflows.errors import Invalid, NotAllowed, NotNow
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.lift_sign_on_requirement import LiftSignOnRequirement
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn
from workflows.organization.commands.verify_domain import VerifyDomain

TEXT = "correct horse battery"
FAILED = "was wrong, or there were too many attempts"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost little: what they cost is no question of these tests."""
    monkeypatch.setattr(hashing, "HASHER", argon2.PasswordHasher(1, 64, 1))


@pytest.fixture
def still() -> Iterator[time_machine.Traveller]:
    """A clock that moves only when it is told to."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        yield travel


@dataclass
class Holder:
    """A person with a password: what they know, and what their app shows."""

    actor: Actor
    address: str
    key: str
    codes: list[str]

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.key).at(clock.now())


def holder(travel: time_machine.Traveller, address: str = "pat@people.example") -> Holder:
    """Sets a password as the pages do, and waits until the app shows the next code."""
    person = builders.person("Pat Somebody", address)
    passwords.begin(person, TEXT)
    found = passwords.set_up(person)
    assert found
    made = Holder(person, address, found.key.replace(" ", ""), [])
    made.codes = passwords.confirm(person, made.code)
    travel.shift(timedelta(seconds=60))
    return made


def sign_in(app: Flask, address: str, text: str, code: str) -> tuple[FlaskClient, str]:
    """Both steps in a browser of its own; where it ended."""
    client = app.test_client()
    db.session.rollback()
    with Flask.app_context(app):
        first = client.post("/sign-in/password", data={"email": address, "password": text})
    assert (first.status_code, first.location) == (302, "/sign-in/password/code")
    with Flask.app_context(app):
        second = client.post("/sign-in/password/code", data={"code": code})
    db.session.rollback()
    assert second.status_code == 302
    return client, second.location


def page(app: Flask, client: FlaskClient, path: str) -> Any:
    db.session.rollback()
    with Flask.app_context(app):
        return client.get(path)


def comes_in(app: Flask, address: str, text: str, code: str) -> bool:
    return sign_in(app, address, text, code)[1] == "/home"


def test_from_nothing_to_signed_in(web: Flask, still: time_machine.Traveller) -> None:
    """Set on the pages, shown to an app, proven, signed in with; codes shown once, all on record
    and told by mail; stronger than a link and weaker than a passkey."""
    pat = builders.person("Pat Somebody", "pat@people.example")
    client = signed_in(web, pat, Strength.LINK)
    with Flask.app_context(web):
        assert client.post("/account/password", data={"password": TEXT}).location.endswith("/app")
    shown = page(web, client, "/account/password/app").text
    assert "style=" not in shown.partition("<main")[2]
    assert 'src="data:image/svg+xml' in html.unescape(shown)
    [groups] = re.findall(r"<strong>([A-Z2-7 ]+)</strong>", shown)
    key = groups.replace(" ", "")
    assert not comes_in(web, "pat@people.example", TEXT, pyotp.TOTP(key).at(clock.now()))
    assert history.entries(pat.id) == ["Opened"]
    with Flask.app_context(web):
        codes = client.post(
            "/account/password/app", data={"code": pyotp.TOTP(key).at(clock.now())}
        ).text
    found = re.findall(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b", codes)
    assert len(set(found)) == 10
    assert not any(c in page(web, client, "/account/password").text for c in found)
    assert history.entries(pat.id) == ["Opened", "PasswordSet", "RecoveryCodesMade"]
    still.shift(timedelta(seconds=60))
    browser, where = sign_in(web, " PAT@people.example", TEXT, pyotp.TOTP(key).at(clock.now()))
    assert where == "/home"
    assert "By password and code" in page(web, browser, "/account").text
    [device] = [d for d in sessions.of(pat.id, "") if d.strength is Strength.TOTP][-1:]
    assert Strength.LINK < device.strength < Strength.PASSKEY
    while run.run_due():
        pass
    told = {m.subject for m in mail.captured()}
    assert {"The password of your account was set or changed",
            "New recovery codes were made for your account"} <= told  # fmt: skip


def test_what_needs_a_passkey_goes_on_needing_one(
    web: Flask, still: time_machine.Traveller
) -> None:
    """Signed in with password and code, an owner still invites nobody."""
    org = builders.organization()
    form = {"email": "new@people.example", "role": "member"}
    path = f"/organizations/{org.id}/invitations"
    assert ask(web, org.owner, path, Strength.TOTP, **form).status_code == 403
    assert ask(web, org.owner, path, Strength.PASSKEY, **form).status_code == 302


def test_every_failure_is_the_same(web: Flask, still: time_machine.Traveller) -> None:
    """Unknown address, no password, wrong password, wrong code, staff: each goes through both
    pages and ends in one answer, whose rows are alike; nobody is signed in."""
    pat = holder(still)
    builders.person("Kim Nopass", "kim@people.example")
    builders.person("Sam Staff", "sam@people.example", roles=("intake",))
    answers = set()
    for address, text, code in (
        ("nobody@people.example", TEXT, pat.code), ("kim@people.example", TEXT, pat.code),
        ("sam@people.example", TEXT, pat.code), (pat.address, "wrong horse battery", pat.code),
        (pat.address, TEXT, "000000"), (pat.address, TEXT, "AAAA-BBBB-CCCC-DDDD"),
        ("not an address\x00", TEXT, "x"),
    ):  # fmt: skip
        client, where = sign_in(web, address, text, code)
        said = page(web, client, where).text
        assert FAILED in said
        token = re.compile(r'name="csrf_token" value="[^"]*"')
        answers.add((where, token.sub("", said)))
        assert page(web, client, "/account").status_code == 302
    assert len(answers) == 1
    counted = history.rows(tables.attempts)["attempts"]
    assert len([row for row in counted if row[0].startswith("account:")]) == 5


def test_always_one_hash(
    web: Flask, still: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the address, exactly one verification happens, with today's parameters."""
    pat = holder(still)
    seen: list[str] = []
    right = hashing.matches
    monkeypatch.setattr(hashing, "matches", lambda stored, text: (
        seen.append(stored.rpartition("$")[0].rpartition("$")[0]) or right(stored, text)
    ))  # fmt: skip
    for address in (pat.address, "nobody@people.example", "kim@people.example"):
        password_sign_in.first(address, TEXT)
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_a_code_is_taken_once_and_none_before_it(web: Flask, still: time_machine.Traveller) -> None:
    """The code that signed in is refused in its own half minute and the next, however it is
    written, and so is the one before it; the next one is taken."""
    pat = holder(still)
    before = pyotp.TOTP(pat.key).at(clock.now() - timedelta(seconds=30))
    used = pat.code
    assert comes_in(web, pat.address, TEXT, f" {used[:3]} {used[3:]} ")
    for code in (used, f"{used[:3]}-{used[3:]}", before, " ".join(used)):
        assert not comes_in(web, pat.address, TEXT, code)
    still.shift(timedelta(seconds=30))
    assert not comes_in(web, pat.address, TEXT, used)
    still.shift(timedelta(minutes=20))
    assert comes_in(web, pat.address, TEXT, pat.code)


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(
    web: Flask, still: time_machine.Traveller, seconds: int, good: bool
) -> None:
    """One step to either side is taken, two are not."""
    pat = holder(still)
    still.shift(timedelta(minutes=5))
    code = pyotp.TOTP(pat.key).at(clock.now() + timedelta(seconds=seconds))
    assert comes_in(web, pat.address, TEXT, code) is good


def test_one_of_eight_at_once_uses_a_code(either_app: Flask, still: time_machine.Traveller) -> None:
    """The app's code, and a recovery code, sent by eight browsers at one moment: one comes in."""
    either_app.config["WTF_CSRF_ENABLED"] = False
    pat = holder(still)
    for code in (pat.code, pat.codes[0]):
        tokens = [password_sign_in.first(pat.address, TEXT) for _ in range(8)]
        # The limit would let five through; here it is the code that decides.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(password_sign_in, "ACCOUNT", password_sign_in.ACCOUNT.__class__(50))
            works = [lambda t=t, c=code: password_sign_in.second(t, c) for t in tokens]
            found = history.at_once(either_app, works)
        assert sorted(found, key=str) == [None] * 7 + [pat.actor.id], code
    assert accounts.recovery_codes_left(pat.actor.id) == 9


def test_a_recovery_code_signs_in_once(web: Flask, still: time_machine.Traveller) -> None:
    """Typed in any case and with or without hyphens, once; the page shows how many are left."""
    pat = holder(still)
    typed = pat.codes[4].lower().replace("-", " ")
    assert comes_in(web, pat.address, TEXT, typed)
    assert not comes_in(web, pat.address, TEXT, pat.codes[4])
    assert history.entries(pat.actor.id)[-1] == "RecoveryCodeUsed"
    assert re.search(r"Recovery codes left</dt>\s*<dd>\s*9", look(web, pat.actor,
                                                                "/account/password"))  # fmt: skip
    fresh = passwords.make_codes(pat.actor)
    assert not comes_in(web, pat.address, TEXT, pat.codes[5])
    assert comes_in(web, pat.address, TEXT, fresh[5])


def test_a_password_step_is_used_once_by_its_browser(
    web: Flask, still: time_machine.Traveller
) -> None:
    """The token of the first page is spent by the first code, and over after five minutes."""
    pat = holder(still)
    token = password_sign_in.first(pat.address, TEXT)
    assert password_sign_in.second(token, "000000") is None
    assert password_sign_in.second(token, pat.code) is None
    late = password_sign_in.first(pat.address, TEXT)
    still.shift(timedelta(minutes=5, seconds=1))
    assert password_sign_in.second(late, pat.code) is None
    assert password_sign_in.second("made up", pat.code) is None
    assert page(web, web.test_client(), "/sign-in/password/code").status_code == 302


def test_a_change_asks_for_the_old_one(web: Flask, still: time_machine.Traveller) -> None:
    """Wrong, too often wrong, and right; afterwards the old one is nothing, other sign-ins are out,
    and the code that was used is not good again under the new password."""
    pat = holder(still)
    new, wrong = "seven quiet lanterns", "present or not at all"
    elsewhere = signed_in(web, pat.actor)
    used = pat.code
    assert comes_in(web, pat.address, TEXT, used)
    path, form = "/account/password/change", {"old": wrong, "password": new}
    for _ in range(5):
        answer = ask(web, pat.actor, path, Strength.TOTP, **form)
        assert "wrong, or there were too many" in answer.text
    assert "too many" in ask(web, pat.actor, path, Strength.TOTP, old=TEXT, password=new).text
    still.shift(timedelta(seconds=61))
    assert ask(web, pat.actor, path, Strength.TOTP, old=TEXT, password=new).status_code == 302
    assert page(web, elsewhere, "/account").status_code == 302
    assert not comes_in(web, pat.address, TEXT, pat.code)
    still.shift(timedelta(seconds=30))
    assert comes_in(web, pat.address, new, pat.code)


def test_a_change_carries_the_last_step_over(web: Flask, still: time_machine.Traveller) -> None:
    """A code that was used before the change is used after it as well."""
    pat = holder(still)
    used = pat.code
    assert comes_in(web, pat.address, TEXT, used)
    passwords.change(pat.actor, TEXT, "seven quiet lanterns")
    assert not comes_in(web, pat.address, "seven quiet lanterns", used)


def test_nothing_is_half_on(web: Flask, still: time_machine.Traveller) -> None:
    """Without the app's code there is no password; after fifteen minutes the flow begins anew."""
    pat = builders.person("Pat Somebody", "pat@people.example")
    passwords.begin(pat, TEXT)
    with pytest.raises(Invalid):
        passwords.confirm(pat, "000000")
    still.shift(timedelta(minutes=15, seconds=1))
    assert passwords.set_up(pat) is None
    with pytest.raises(NotNow):
        passwords.confirm(pat, "000000")
    assert history.entries(pat.id) == ["Opened"]
    still.shift(timedelta(days=2))
    clockwork.secrets.prune()
    assert history.rows(tables.secrets)["secrets"] == []


def test_setting_asks_for_a_fresh_sign_in(web: Flask, still: time_machine.Traveller) -> None:
    """Eleven minutes after a link the page says so and refuses; with a passkey it asks for that."""
    pat = builders.person("Pat Somebody")
    browser = signed_in(web, pat, Strength.LINK)
    still.shift(timedelta(minutes=11))
    assert "less than 10 minutes ago" in page(web, browser, "/account/password").text
    for path in ("/account/password", "/account/password/remove", "/account/password/codes",
                 "/account/password/change"):  # fmt: skip
        with Flask.app_context(web):
            answer = browser.post(path, data={"password": TEXT})
        assert answer.status_code == 403
        assert "not older than 10 minutes" in answer.text
    keyed = signed_in(web, pat)
    still.shift(timedelta(minutes=11))
    with Flask.app_context(web):
        answer = keyed.post("/account/password", data={"password": TEXT})
    assert answer.status_code == 403
    assert "Your passkey, once more" in answer.text
    assert TEXT not in answer.text


def test_a_weak_password_is_refused_beside_its_field(
    web: Flask, still: time_machine.Traveller
) -> None:
    """What is wrong is said, what was typed is not shown again, and nothing is kept."""
    pat = builders.person("Pat Somebody", "lighthouse@people.example")
    for text in ("short", "my lighthouse keeper", "Password123456"):
        answer = ask(web, pat, "/account/password", password=text)
        assert "There is a problem" in answer.text
        assert text not in answer.text
    assert history.rows(tables.secrets)["secrets"] == []


def test_staff_have_no_password(web: Flask, still: time_machine.Traveller) -> None:
    """Whoever gets a staff role loses theirs at once, and the desk forgets it; nor can they set
    one."""
    pat = holder(still)
    perform(Appoint(pat.actor.id, "intake"), operator("tests"))
    assert not comes_in(web, pat.address, TEXT, pat.code)
    assert not comes_in(web, pat.address, TEXT, pat.codes[0])
    while run.run_due():
        pass
    assert secrets.current(pat.actor.id) is None
    assert [r[0] for r in history.rows(tables.secrets)["secrets"]] == [secrets.DECOY]
    assert ask(web, pat.actor, "/account/password", password=TEXT).status_code == 403
    assert "passkey alone" in look(web, pat.actor, "/account/password")
    with pytest.raises(NotAllowed):
        passwords.begin(builders.person("S", roles=("auditor",)), TEXT)


def test_an_erasure_leaves_nothing_to_sign_in_with(
    web: Flask, still: time_machine.Traveller
) -> None:
    """Hash, authenticator, codes, address, sessions and counters go; others' stay."""
    pat, kim = holder(still), holder(still, "kim@people.example")
    sign_in(web, pat.address, TEXT, "000000")
    vault.erase(pat.actor.id)
    perform(Erase(pat.actor.id, "asked for"), operator("tests"))
    assert not comes_in(web, pat.address, TEXT, pat.code)
    while run.run_due():
        pass
    lying = str(history.rows(tables.secrets, tables.recovery_digests, tables.addresses,
                             tables.sessions))  # fmt: skip
    assert pat.actor.id not in lying
    assert kim.actor.id in lying
    assert comes_in(web, kim.address, TEXT, kim.code)


def test_no_secret_lies_open(web: Flask, still: time_machine.Traveller) -> None:
    """Neither tables nor events hold the password, the app's key, a code, or the address."""
    pat = holder(still)
    sign_in(web, pat.address, TEXT, pat.code)
    lying = str(history.rows(*db.metadata.tables.values())).casefold()
    for told in (TEXT, pat.key, pat.code, *pat.codes, pat.address):
        assert told.casefold() not in lying
    assert "argon2id" in lying


def test_another_cost_is_taken_up_at_the_next_sign_in(
    web: Flask, still: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password hashed under old parameters still signs in, and lies under the new ones then;
    a wrong password changes nothing but the decoy."""
    pat = holder(still)
    password_sign_in.first("nobody@people.example", TEXT)
    monkeypatch.setattr(hashing, "HASHER", argon2.PasswordHasher(2, 128, 1))
    password_sign_in.first("nobody@people.example", TEXT)
    password_sign_in.first(pat.address, "wrong horse battery")
    by_id = {row[0]: row[2] for row in history.rows(tables.secrets)["secrets"]}
    assert {i == secrets.DECOY for i, text in by_id.items() if "m=128,t=2" in text} == {True}
    assert comes_in(web, pat.address, TEXT, pat.code)
    assert all("m=128,t=2" in row[2] for row in history.rows(tables.secrets)["secrets"])


def test_the_shipped_cost_is_the_rfcs() -> None:
    """RFC 9106 section 4, second recommended option: Argon2id, t=3, 64 MiB, p=4."""
    shipped = argon2.profiles.RFC_9106_LOW_MEMORY
    made = argon2.PasswordHasher.from_parameters(shipped).hash(ids.new("x"))
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("typed", ["\u0661\u0662\u0663\u0664\u0665\u0666", "１２３４５６",
                                   "123\u00a0456", "123\u200b456", "123–456"])  # fmt: skip
def test_digits_of_every_script_are_one_code(typed: str) -> None:
    """Arabic-Indic and full-width digits, odd spaces and dashes are the plain six digits."""
    assert totp.plain(typed) == "123456"


def test_an_operator_helps_who_lost_the_app(
    app: Flask, tmp_path: Path, still: time_machine.Traveller
) -> None:
    """`portal password remove` takes it away, signs out and leaves a record; for an address that
    nobody has, and for a person without one, it says so."""
    pat = holder(still)
    signed_in(app, pat.actor)
    db.session.remove()

    def run_it(address: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--data", str(tmp_path), "password", "remove", address])
        return done.exit_code, done.output

    assert run_it("nobody@people.example")[0] == 2
    assert run_it(pat.address)[0] == 0
    assert "no password" in run_it(pat.address)[1]
    assert history.entries(pat.actor.id)[-1] == "PasswordRemoved"
    assert sessions.of(pat.actor.id, "") == []


def test_an_organization_that_requires_its_provider_takes_no_password(
    web: Flask, still: time_machine.Traveller
) -> None:
    """The right password and code fail in the same words while the organization requires its own
    sign-in, and count again once it no longer does."""
    org = builders.organization()
    pat = holder(still, f"pat@{org.domain}")
    perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), robot("dns"))
    issuer = "https://login.cert.example"
    perform(AddPasskey(org.owner.id, "cGs", "Y29zZQ", "00" * 16, False,
                       vault.put(org.owner.id, "Key")), org.owner)  # fmt: skip
    perform(ConfigureSignOn(org.id, issuer, "portal", "private_key_jwt", True), org.owner)
    perform(ProveSignOn(org.id, org.owner.id, issuer, "portal"), robot("sign_on"))
    assert comes_in(web, pat.address, TEXT, pat.code)
    perform(RequireSignOn(org.id), org.owner)
    still.shift(timedelta(seconds=60))
    assert not comes_in(web, pat.address, TEXT, pat.code)
    perform(LiftSignOnRequirement(org.id), org.owner)
    still.shift(timedelta(seconds=60))
    assert comes_in(web, pat.address, TEXT, pat.code)
