"""What an audit of another portal found in 2026 (PyPI's), asked of this one: a test a finding."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import argon2
import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as hooks
from sqlalchemy import func, select

from portal import clock, ids, vault
from portal.boards import accounts, emergencies, grants, organizations, programs
from portal.desk import links, replays, sessions, tables
from portal.extensions import db
from portal.guard import ACCESS, PUBLIC
from portal.identity import hashing
from portal.ledger import perform
from portal.ledger.database import writing
from portal.ledger.tables import events
from portal.tasks import run
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, signed_in, visit
from tests.portal.test_passwords import TEXT, comes_in, holder
from tests.signing import Machine
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.erase import Erase
from workflows.account.commands.propose_role import ProposeRole
from workflows.actors import Actor, Strength, operator, robot
from workflows.application.commands.record_check import RecordCheck
from workflows.application.commands.take_seat import TakeSeat
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.contest_domain import ContestDomain
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.service.commands.register import Register as RegisterService


def written() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(events)).scalar_one())


def machine() -> tuple[builders.Org, builders.Staff, str, Machine]:
    people, org = builders.staff(), builders.organization()
    builders.service(people)
    grant = builders.grant(org, people)
    return org, people, grant, Machine(*builders.credential(org, grant))


@pytest.mark.parametrize("which", ["assertion", "proof"])
def test_a_jti_is_not_good_again_inside_the_leeway(app: Flask, which: str) -> None:
    """Finding: a token's jti was forgotten at its exp, while the leeway still took the token.

    To the last second in which an assertion or a proof is taken, one that was used is refused,
    with every expired row pruned before; an unused one of the same age is taken.
    """
    _, _, _, client = machine()
    now = clock.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False) as travel:
        exp = clock.epoch() + 60
        used, fresh = (client.assertion(exp=exp, jti=jti) for jti in ("used", "fresh"))
        proof, unused = client.proof(jti="used"), client.proof(jti="fresh")
        assert client.ask(app, client_assertion=used, proofs=[proof]).status_code == 200
        # Assertions are taken while exp + 30 s lies ahead; proofs for 60 s, and none before iat.
        travel.shift(timedelta(seconds=89 if which == "assertion" else 60))
        replays.prune()
        if which == "assertion":
            assert "used before" in client.ask(app, client_assertion=used).text
            assert client.ask(app, client_assertion=fresh).status_code == 200
        else:
            assert "used before" in client.ask(app, proofs=[proof]).text
            assert client.ask(app, proofs=[unused]).status_code == 200


def test_what_is_checked_is_set_by_the_same_statement(either_app: Flask) -> None:
    """Finding: check, then set: two requests at once were both first.

    Eight at one moment, three times over: one is first with a jti, a mailed link, and a session's
    end. (TOTP, recovery codes and tries: `test_passwords.py`, `desk/test_attempts.py`.)
    """
    for number in range(3):
        found = links.for_mail(links.make(f"p{number}@people.example"))
        assert found
        account, token = ids.new("acc"), found[2]
        sessions.start(account, Strength.LINK)
        [session] = sessions.of(account, "")

        def jti(n: int = number) -> bool:
            with writing() as connection:
                return replays.first_time(connection, "x", str(n), expires=clock.epoch() + 60)

        def link(token: str = token) -> bool:
            there = links.find(token)
            return there is not None and links.use(there)

        def end(account: str = account, session_id: str = session.id) -> bool:
            return sessions.end_one(account, session_id)

        for work in (jti, link, end):
            assert sorted(history.at_once(either_app, [work] * 8)) == [False] * 7 + [True]


def test_no_change_without_its_event(web: Flask) -> None:
    """Finding: an audit event that could not be written was dropped, and the change stood.

    With the insert of events failing, a suspension, a role and a removed member leave board,
    outbox and ledger exactly as they were.
    """
    org, people, grant, _ = machine()
    member = org.colleague()
    new = builders.person("New")
    before = history.rows(*(t for t in db.metadata.sorted_tables if t.name != "sessions"))

    def fail(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO events"):
            raise RuntimeError("the disk is full")

    hooks.listen(db.engine, "before_cursor_execute", fail)
    try:
        for command, actor in (
            (Suspend(grant, "under_investigation"), people.manager),
            (Appoint(new.id, "intake"), operator("tests")),
            (RemoveMember(org.id, member.id), builders.again(org.owner)),
        ):
            with pytest.raises(RuntimeError):
                perform(command, actor)
    finally:
        hooks.remove(db.engine, "before_cursor_execute", fail)
    assert history.rows(*(t for t in db.metadata.sorted_tables if t.name != "sessions")) == before
    perform(Suspend(grant, "under_investigation"), people.manager)


def test_asking_for_a_way_in_says_nothing(web: Flask) -> None:
    """Finding: the password reset told which accounts exist, and in which state they are.

    There is no reset by mail. The form for a link gives one answer for an unknown address, a
    person, a staff member and somebody erased, and does the same work for each.
    """
    builders.person("Pat", "pat@people.example")
    builders.person("Sam", "sam@people.example", roles=("reviewer",))
    gone = builders.person("Gone", "gone@people.example")
    vault.erase(gone.id)
    perform(Erase(gone.id, "asked for"), operator("tests"))
    while run.run_due():
        pass
    answers, statements = set(), []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements[-1].append(statement)

    hooks.listen(db.engine, "before_cursor_execute", note)
    try:
        for name in ("first", "nobody", "pat", "sam", "gone"):
            statements.append([])
            with Flask.app_context(web):
                answer = web.test_client().post(
                    "/sign-in", data={"email": f"{name}@people.example"}
                )
            answers.add((answer.status_code, answer.location, answer.text))
    finally:
        hooks.remove(db.engine, "before_cursor_execute", note)
    assert len(answers) == 1
    assert statements[1] == statements[2] == statements[3] == statements[4]
    assert not any("reset" in r.rule or "forgot" in r.rule for r in web.url_map.iter_rules())


@pytest.mark.parametrize(
    "ban",
    [
        lambda org, people, grant, cred: perform(
            Suspend(grant, "under_investigation"), people.manager
        ),
        lambda org, people, grant, cred: perform(Revoke(grant, "terms_breached"), people.manager),
        lambda org, people, grant, cred: perform(
            RevokeCredential(grant, cred, "error"), builders.again(org.owner)
        ),
        lambda org, people, grant, cred: _expire(grant),
        lambda org, people, grant, cred: perform(
            Erase(org.owner.id, "asked for"), operator("tests")
        ),
    ],
    ids=["suspended", "revoked", "key revoked", "expired", "erased holder"],
)
def test_a_ban_reaches_the_token_path(app: Flask, ban: Callable[..., object]) -> None:
    """Finding: a ban was looked at on pages, and not where tokens are minted or checked.

    After each way of losing access there is no token, and the one from before is inactive.
    """
    org, people, grant, client = machine()
    service = Machine(*builders.service(people, "https://other.example"))
    token = client.token(app, resource="https://other.example")
    assert service.introspect(app, token).json["active"] is True
    ban(org, people, grant, client.id)
    answer = client.ask(app, resource="https://other.example")
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert service.introspect(app, token).json == {"active": False}


def _expire(grant: str) -> None:
    row = grants.for_notice(grant)
    assert row
    with time_machine.travel(clock.parse(row.expires_at) + timedelta(seconds=1)):
        perform(Expire(grant), robot("clock"))


def test_who_is_removed_loses_keys_and_sessions(web: Flask) -> None:
    """Finding: a removed person's tokens went on working.

    The key that a member registered mints nothing once they are removed, the token from before is
    inactive, their sessions end, and the pages of the organization do not exist for them; nor for
    somebody erased.
    """
    org, people, grant, _ = machine()
    service = Machine(*builders.service(people, "https://other.example"))
    admin = org.colleague()
    perform(ChangeRole(org.id, admin.id, "admin"), builders.again(org.owner))
    client = Machine(*builders.credential(org, grant, builders.again(admin)))
    token = client.token(web, resource="https://other.example")
    browser = signed_in(web, admin)
    perform(RemoveMember(org.id, admin.id), builders.again(org.owner))
    assert client.ask(web, resource="https://other.example").status_code == 401
    assert service.introspect(web, token).json == {"active": False}
    assert visit(web, browser, f"/organizations/{org.id}") == 404
    while run.run_due():
        pass
    assert visit(web, browser, "/account") == 302
    erased = signed_in(web, admin)
    vault.erase(admin.id)
    perform(Erase(admin.id, "asked for"), operator("tests"))
    assert visit(web, erased, "/account") == 302


def test_a_reading_role_posts_nowhere(web: Flask) -> None:
    """Finding: a POST was let in under a permission to read.

    The url map is walked: at every staff and service route that takes a POST, the auditor is
    refused and nothing is written. In emergency power all of the staff have a part (decision 0021).
    """
    aud = builders.person("Aud", roles=("auditor",))
    values = {"account": aud.id, "role": "intake", "check": "domain_control"}
    rules = [r for r in web.url_map.iter_rules() if "POST" in (r.methods or ())
             and r.endpoint.partition(".")[0] in ("staff", "service")
             and not r.endpoint.endswith("break_glass")]  # fmt: skip
    assert len(rules) > 12
    before = written()
    for rule in rules:
        if rule.endpoint == "service.service":
            continue  # reads as well: its rule refuses the auditor's key below
        made = {name: values.get(name, ids.new("app")) for name in rule.arguments}
        with web.test_request_context():
            path = web.url_map.bind("localhost").build(rule.endpoint, made)
        assert ask(web, aud, path).status_code == 403, rule.endpoint
    assert written() == before
    service, _ = builders.service(builders.staff())
    before = written()
    jwk = json.dumps(Machine("x", None).proof_key.as_dict(private=False))
    assert ask(web, aud, f"/services/{service}", jwk=jwk).status_code == 403
    assert written() == before


def test_a_code_with_spaces_is_the_same_code(web: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding: a TOTP code was good again when it was typed with spaces.

    Every spelling of a code that was used is the code that was used.
    """
    monkeypatch.setattr(hashing, "HASHER", argon2.PasswordHasher(1, 64, 1))
    with time_machine.travel(clock.now(), tick=False) as travel:
        pat = holder(travel)
        code = pat.code
        assert comes_in(web, pat.address, TEXT, code)
        for typed in (f" {code}", f"{code[:3]} {code[3:]}", "\u2003".join(code),
                      "".join(chr(0x0660 + int(d)) for d in code),
                      "".join(chr(0xFF10 + int(d)) for d in code)):  # fmt: skip
            assert not comes_in(web, pat.address, TEXT, typed), typed
            with writing() as connection:  # the question is the code, not how often
                connection.execute(tables.attempts.delete())


def test_what_is_anothers_is_absent(web: Flask) -> None:
    """Finding: a person could delete another person's tokens.

    A foreign session, passkey, credential or token answers like one that does not exist, and
    nothing changes.
    """
    org, people, _, client = machine()
    stranger = builders.organization("Elsewhere", "elsewhere.example")
    thief = builders.again(stranger.owner)
    for name in ("b25l", "dHdv"):
        label = vault.put(org.owner.id, "Key")
        perform(AddPasskey(org.owner.id, name, "Y29zZQ", "00" * 16, False, label), org.owner)
    token = sessions.start(org.owner.id, Strength.PASSKEY)
    [device] = sessions.of(org.owner.id, token)
    for path, form in (
        ("/account/devices/{}/end", {}), ("/credentials/{}/revoke", {"reason": "error"}),
    ):  # fmt: skip
        real, made_up = (
            (device.id, ids.new("ses")) if "devices" in path else (client.id, ids.new("cred"))
        )
        answers = [ask(web, thief, path.format(i), **form) for i in (real, made_up)]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].get_json() == answers[1].get_json()
    answers = [ask(web, thief, "/account/passkeys/remove", passkey=p) for p in ("b25l", "bm9uZQ")]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].get_json() == answers[1].get_json()
    service = Machine(*builders.service(people, "https://other.example"))
    live = client.token(web, resource="https://other.example")
    before = written()
    assert service.revoke(web, live).status_code == 200
    assert service.introspect(web, live).json["active"] is True
    assert sessions.find(token) is not None
    assert len(accounts.passkeys_of(org.owner.id)) == 2
    assert written() == before


def test_access_does_not_survive_a_transfer(web: Flask) -> None:
    """Finding: whoever gave a project away kept access to it.

    The former owner keeps the role that the transfer left them and no owner's verb, and after
    their removal no page and no key.
    """
    org, _, grant, client = machine()
    heir = org.colleague("admin")
    perform(OfferOwnership(org.id, heir.id), builders.again(org.owner))
    perform(AcceptOwnership(org.id), builders.again(heir))
    former = builders.again(org.owner)
    assert "owner" not in organizations.of(former.id)[org.id]
    for path, form in ((f"/organizations/{org.id}/ownership/offer", {"account": former.id}),
                       (f"/organizations/{org.id}/members/{heir.id}/role", {"role": "member"}),
                       (f"/organizations/{org.id}/members/{heir.id}/remove", {})):  # fmt: skip
        assert ask(web, former, path, **form).status_code in (403, 422), path
    assert organizations.of(heir.id)[org.id] == frozenset({"owner"})
    perform(RemoveMember(org.id, former.id), builders.again(heir))
    assert visit(web, signed_in(web, former), f"/organizations/{org.id}") == 404
    assert visit(web, signed_in(web, former), f"/grants/{grant}") == 404
    assert client.ask(web).status_code == 401


class Walk:
    """A world in which every POST of the staff's zones can succeed once; `before` is how many
    events there were before the act that is looked at."""

    before = 0

    def __init__(self, app: Flask) -> None:
        self.app, self.people = app, builders.staff()
        self.org, self.other = builders.organization(), builders.organization("O", "o.example")
        self.admin = builders.person("Ad Min", roles=("administrator",))
        self.new = builders.person("New", "new@people.example")
        self.checking = builders.submit(self.other)
        perform(
            RecordCheck(stream=self.checking, check="sanctions_name", round=1,
                        verdict="needs-human", score=40, summary="Hm.",
                        finding=vault.put(self.other.id, "{}"), check_version=1, data_digest="",
                        data_date=""),
            robot("tests"),
        )  # fmt: skip
        self.reviewing, self.deciding = builders.submit(self.org), builders.submit(self.org)
        for application in (self.reviewing, self.deciding):
            builders.pass_checks(application)
        for reviewer in self.people.reviewers:
            builders.review(self.deciding, reviewer)
        self.grant = builders.grant(self.org, self.people)
        self.proposed = ids.new("svc")
        perform(RegisterService(self.proposed, "M", "https://new.example", builders.ASKED),
                self.people.developer)  # fmt: skip

    def post(self, who: Actor, path: str, **form: str) -> None:
        answer = ask(self.app, who, path, **form)
        assert answer.status_code == 302, (path, answer.text)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What makes each route change something."""
        p, roles = self.people, f"/staff/people/{self.new.id}"
        one, two = p.reviewers
        case, grant = f"/staff/applications/{self.reviewing}", f"/staff/grants/{self.grant}"
        checks = f"/staff/applications/{self.checking}/checks"
        scores = {f"score_{c.id}": "2" for c in programs.named("cyber-defense").rubric}
        jwk = json.dumps(Machine("x", None).proof_key.as_dict(private=False))
        return {
            "staff.clear_check": lambda: self.post(
                p.intake, f"{checks}/sanctions_name/clear", reason="Another firm."),
            "staff.request_check": lambda: self._again(checks),
            "staff.take_seat": lambda: self.post(one, f"{case}/seat", no_conflict="y"),
            "staff.review": lambda: self.post(
                one, f"{case}/review", recommendation="approve", reasons="Fine.", **scores),
            "staff.recuse": lambda: self._stand_back(two, case),
            "staff.send_decision": self._decide,
            "staff.suspend": lambda: self.post(p.manager, f"{grant}/suspend",
                                               reason="under_investigation"),
            "staff.resume": lambda: self.post(p.manager, f"{grant}/resume"),
            "staff.revoke": lambda: self.post(p.manager, f"{grant}/revoke",
                                              reason="terms_breached"),
            "staff.settle_domain": self._settle,
            "staff.propose_recovery": lambda: self.post(
                self.admin, "/staff/people/recoveries", email="new@people.example"),
            "staff.confirm_recovery": lambda: self.post(
                p.manager, f"/staff/people/{self.new.id}/recovery/confirm"),
            "staff.cancel_recovery": lambda: self.post(
                p.manager, f"/staff/people/{self.new.id}/recovery/cancel"),
            "staff.propose_role": lambda: self.post(
                self.admin, "/staff/people/propose", email="new@people.example", role="intake"),
            "staff.confirm_role": lambda: self.post(p.manager, f"{roles}/intake/confirm"),
            "staff.end_role": lambda: self.post(self.admin, f"{roles}/intake/end"),
            "staff.withdraw_role_proposal": lambda: self._withdraw(roles),
            "staff.break_glass": lambda: self.post(
                p.manager, "/staff/emergency", hours="1", reason="A key leaked."),
            "staff.confirm_break_glass": lambda: self._emergency(p.auditor, "confirm"),
            "staff.end_break_glass": lambda: self._emergency(p.manager, "end"),
            "staff.review_break_glass": lambda: self._emergency(
                p.decider, "review", verdict="justified", finding="As it should be."),
            "service.new_service": lambda: self.post(
                p.developer, "/services/new", name="Two", audience="https://two.example",
                scopes="code:review"),
            "service.service": lambda: self.post(p.developer, f"/services/{self.proposed}",
                                                 jwk=jwk),
            "service.approve_service": lambda: self.post(
                p.services, f"/services/{self.proposed}/approve"),
        }  # fmt: skip

    def _again(self, checks: str) -> None:
        perform(
            RecordCheck(stream=self.checking, check="domain_control", round=1, verdict="fail",
                        score=0, summary="No.", finding=vault.put(self.other.id, "{}"),
                        check_version=1, data_digest="", data_date=""),
            robot("tests"),
        )  # fmt: skip
        self.before = written()
        self.post(self.people.intake, f"{checks}/domain_control/again")

    def _settle(self) -> None:
        holder, wants = (builders.organization(n, "both.example") for n in ("Holder", "Wants"))
        perform(VerifyDomain(holder.id, holder.domain, holder.token, clock.now_iso()), robot("dns"))
        perform(ContestDomain(wants.id, wants.domain, wants.token, clock.now_iso()), robot("dns"))
        self.before = written()
        self.post(self.people.manager, "/staff/domains/settle", domain=wants.domain,
                  challenger=wants.id, winner=wants.id)  # fmt: skip

    def _emergency(self, who: Actor, act: str, **form: str) -> None:
        (row,) = emergencies.latest()
        self.post(who, f"/staff/emergency/{row.id}/{act}", **form)

    def _stand_back(self, reviewer: Actor, case: str) -> None:
        perform(TakeSeat(self.reviewing, no_conflict=True), reviewer)
        self.before = written()
        self.post(reviewer, f"{case}/recuse", reason="I know them.")

    def _withdraw(self, roles: str) -> None:
        perform(ProposeRole(self.new.id, "reviewer"), self.admin)
        self.before = written()
        self.post(self.admin, f"{roles}/reviewer/withdraw")

    def _decide(self) -> None:
        dana, path = self.people.decider, f"/staff/applications/{self.deciding}/decide"
        page = ask(self.app, dana, path, outcome="denied", reasons="purpose_unclear").text
        found = re.findall(r'name="(prepared|nonce|seen)" value="([^"]*)"', page)
        shown = {name: html.unescape(value) for name, value in found}
        asked = ask(self.app, dana, f"{path}/options", **shown).get_json()
        answer = builders.DEVICE.sign_in(dana.id, asked["publicKey"], "http://localhost:8000")
        self.before = written()
        signed = shown | {"credential": answer, "nonce": asked["nonce"]}
        self.post(dana, f"{path}/send", **signed)


# What a staff member posts without deciding anything: the letter as it would go, and the question
# for their passkey.
_CHANGES_NOTHING = {"staff.decide", "staff.decision_options"}


def test_every_staff_act_is_on_record(web: Flask) -> None:
    """Finding: flags were changed without a trace.

    The url map is walked: each POST of the staff's zones, done once with success, adds an event by
    the one who did it; a new route without its line here fails.
    """
    walk = Walk(web)
    acts = walk.acts()
    posts = {r.endpoint for r in web.url_map.iter_rules() if "POST" in (r.methods or ())
             and r.endpoint.partition(".")[0] in ("staff", "service")}  # fmt: skip
    assert posts == set(acts) | _CHANGES_NOTHING
    assert not any(PUBLIC in ACCESS[endpoint].roles for endpoint in posts)
    for endpoint, act in acts.items():
        walk.before = written()
        act()
        assert written() > walk.before, endpoint
        with db.engine.connect() as connection:
            actor = connection.execute(
                select(events.c.actor).order_by(events.c.at.desc()).limit(1)
            ).scalar_one()
        assert actor.startswith("acc_"), endpoint
