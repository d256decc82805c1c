"""Being forgotten: asked for, taken back, done by the clock; then nothing tells of the person."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import LargeBinary, select

from portal import clock, vault
from portal.boards import accounts, applications, domains, grants, organizations
from portal.desk import address_changes, drafts, invitees, links
from portal.extensions import db
from portal.ledger import perform, projection, verify
from portal.ledger.rebuild import rebuild
from portal.notices import mail
from portal.tasks import run
from portal.vault import tables as vault_tables
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in, visit
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.erase import Erase
from workflows.account.erasure import WAIT
from workflows.actors import Actor, Strength, operator, robot
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.verify_domain import VerifyDomain

NAME, ADDRESS = "Quentin Canary", "canary-q@people.example"
WEEK = WAIT + timedelta(minutes=1)
ERASURE = "/account/data/erasure"


def work() -> None:
    while run.run_due():
        pass


def subjects(account: str) -> list[str]:
    return [m.subject for m in mail.to_person(account) if "erased" in m.subject]


def with_passkey(actor: Actor, name: str = "cXVlbnRpbg") -> None:
    label = vault.put(actor.id, "Canary key")
    perform(AddPasskey(actor.id, name, "Y29zZQ", "00" * 16, True, label), actor)


def readable() -> str:
    """Every text that anybody with the keys of the installation could still read, with every row
    of every table as it lies, sealed columns aside."""
    found: list[object] = []
    with db.engine.connect() as connection:
        found += [vault.text(i, "") for i in connection.execute(select(vault_tables.items.c.id))
                  .scalars()]  # fmt: skip
        for table in db.metadata.sorted_tables:
            plain = [c for c in table.c if not isinstance(c.type, LargeBinary)]
            found += [tuple(row) for row in connection.execute(select(*plain))]
    found += [(m.to, m.subject, m.text) for m in mail.captured(10_000)]
    return str(found).casefold()


def test_a_week_later_nothing_tells_of_the_person(web: Flask) -> None:
    """Name and address were in the account, an invitation, mails, a passkey's name, a change of
    address and a draft; afterwards no text has them, the chain holds, and boards come back."""
    org, person = builders.organization(), builders.person(NAME, ADDRESS)
    ask(web, org.owner, f"/organizations/{org.id}/invitations", email=ADDRESS, role="member")
    work()
    [invitation] = invitees.of(person.id)
    with_passkey(person)
    assert ask(web, person, f"/invitations/{invitation}/accept").status_code == 302
    other = builders.organization("Elsewhere", "elsewhere.example")
    ask(web, other.owner, f"/organizations/{other.id}/invitations", email=ADDRESS, role="member")
    ask(web, person, "/account/address", email="canary-new@people.example")
    ask(web, person, "/organizations/new", name="One-Person CERT")
    own = next(o for o, role in organizations.belongs(person.id).items() if role == "owner")
    draft = drafts.start(own, "cyber-defense", builders.again(person))
    drafts.save(drafts.get(draft, builders.again(person)), {"contact": NAME}, person)
    work()
    assert NAME.casefold() in readable()
    assert "canary-" in readable()
    answer = ask(web, person, ERASURE)
    assert answer.status_code == 302, answer.text
    work()
    with time_machine.travel(clock.now() + WEEK, tick=True):
        browser = signed_in(web, person)
        work()
        assert visit(web, browser, "/account") == 302
        text = readable()
        for trace in (NAME.casefold(), "canary-", "canary key", "quentin"):
            assert trace not in text, trace
        assert accounts.names([person.id]) == {person.id: "Someone who was erased"}
        assert links.account_of(ADDRESS) is None
        assert history.rows(drafts.drafts)["drafts"] == []
        assert organizations.belongs(person.id) == {}
        assert verify.verify().ok
        live = history.rows(*projection.tables())
        rebuild()
        assert history.rows(*projection.tables()) == live
        client = web.test_client()  # the address is a stranger's again
        with Flask.app_context(web):
            client.post("/sign-in", data={"email": ADDRESS})
        work()
        assert "/link/" in mail.captured(1)[0].text


def test_keys_end_in_the_same_transaction(web: Flask) -> None:
    """The job that erases leaves no moment in which a key of the erased person is good."""
    org, people = builders.organization(), builders.staff()
    grant, admin = builders.grant(org, people), org.colleague("admin")
    credential, _ = builders.credential(org, grant, admin)
    assert ask(web, admin, ERASURE).status_code == 302
    with time_machine.travel(clock.now() + WEEK, tick=True):
        perform(Erase(admin.id, organizations=(org.id,)), robot("clock"))  # its effects wait
        [row] = [
            r for r in grants.credentials_of(grant, people.manager) if r.credential == credential
        ]
        assert row.status == "invalid"
        assert admin.id not in organizations.people_to_tell(org.id)


def test_told_at_once_and_the_day_before_and_taken_back_by_a_link(web: Flask) -> None:
    """The account's page says what is going on and has the button; its day then brings nothing."""
    person = builders.person(NAME, ADDRESS)
    with_passkey(person)
    assert ask(web, person, ERASURE, Strength.LINK).status_code == 403
    assert ask(web, person, ERASURE).status_code == 302
    work()
    assert len(subjects(person.id)) == 1
    with time_machine.travel(clock.now() + WAIT - timedelta(hours=23), tick=True):
        work()
        work()
        assert [s for s in subjects(person.id) if "tomorrow" in s]
        assert len(subjects(person.id)) == 2
        assert "going to be erased" in look(web, person, "/account")
        answer = ask(web, person, f"{ERASURE}/take-back", Strength.LINK)
        assert answer.status_code == 302
        assert "going to be erased" not in look(web, person, "/account")
    with time_machine.travel(clock.now() + 2 * WEEK, tick=True):
        work()
        assert accounts.address(person.id) == ADDRESS


def test_asked_for_anew_the_first_week_does_not_count(web: Flask) -> None:
    """Taken back and asked for again on the sixth day: it happens a week after that."""
    person = builders.person(NAME, ADDRESS)
    ask(web, person, ERASURE)
    with time_machine.travel(clock.now() + timedelta(days=6), tick=True):
        ask(web, person, f"{ERASURE}/take-back")
        ask(web, person, ERASURE)
    with time_machine.travel(clock.now() + WEEK, tick=True):
        work()
        assert accounts.get(person.id) is not None
    with time_machine.travel(clock.now() + timedelta(days=13, minutes=1), tick=True):
        work()
        assert accounts.get(person.id) is None


def test_it_takes_a_fresh_sign_in(web: Flask) -> None:
    """Without a passkey a browser that was left open for eleven minutes erases nobody."""
    person = builders.person(NAME, ADDRESS)
    client = signed_in(web, person, Strength.LINK)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        assert visit(web, client, ERASURE, "POST") == 403
        assert "Sign in once more" in client.get(ERASURE).text
    assert ask(web, person, ERASURE, Strength.LINK).status_code == 302


def test_what_stands_in_the_way_is_said(web: Flask) -> None:
    """Owners of others and staff read what to do first, before they press anything."""
    org = builders.organization()
    org.colleague()
    page = look(web, org.owner, ERASURE)
    assert "Offer its ownership" in page
    assert f"/organizations/{org.id}/members" in page
    answer = ask(web, org.owner, ERASURE)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "owner_cannot_be_erased")
    iris = builders.person("Iris", roles=("intake",))
    assert "end your roles first" in look(web, iris, ERASURE)
    answer = ask(web, iris, ERASURE)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "staff_cannot_be_erased")


@pytest.mark.parametrize("becomes", ["staff", "owner"])
def test_what_came_up_in_the_week_stops_it(web: Flask, becomes: str) -> None:
    """Nobody is erased who meanwhile works for the program, or owns what others belong to; they
    are told."""
    org = builders.organization()
    person = org.colleague()
    ask(web, person, ERASURE)
    if becomes == "staff":
        perform(Appoint(person.id, "intake"), operator("tests"))
    else:
        perform(OfferOwnership(org.id, person.id), org.owner)
        ask(web, person, f"/organizations/{org.id}/ownership/accept")
        assert organizations.belongs(person.id)[org.id] == "owner"
    with time_machine.travel(clock.now() + WEEK, tick=True):
        work()
        row = accounts.get(person.id)
        assert row is not None
        assert row.erasure_due == ""
        assert any("could not be erased" in s for s in subjects(person.id))


def test_the_organization_of_nobody_closes(web: Flask) -> None:
    """Its domain is free, its application is taken back, and nobody comes into it; its answers
    stay for the program's record."""
    org = builders.organization()
    perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), robot("dns"))
    application = builders.submit(org)
    assert f"Nobody is left in {org.name}" in look(web, org.owner, ERASURE)
    ask(web, org.owner, ERASURE)
    with time_machine.travel(clock.now() + WEEK, tick=True):
        work()
        assert accounts.get(org.owner.id) is None
        assert domains.proven() == []
        row = applications.for_robot(application)
        assert row.phase == "withdrawn"
        assert json.loads(vault.text(row.answers_ref))
        assert visit(web, signed_in(web, builders.person("New")), f"/organizations/{org.id}") == 404


def test_an_operators_erasure_ends_memberships_too(web: Flask) -> None:
    """The shell has no say in grants: the robot ends membership and keys within the job."""
    org, people = builders.organization(), builders.staff()
    grant, admin = builders.grant(org, people), org.colleague("admin")
    credential, _ = builders.credential(org, grant, admin)
    perform(Erase(admin.id, "asked by letter"), operator("tests"))
    work()
    work()
    assert organizations.belongs(admin.id) == {}
    assert [
        r.status for r in grants.credentials_of(grant, people.manager) if r.credential == credential
    ] == ["invalid"]


def test_an_answered_invitation_is_forgotten(web: Flask) -> None:
    """To whom it went lies under a key of its own, which goes with the answer; so does its mail."""
    org = builders.organization()
    ask(web, org.owner, f"/organizations/{org.id}/invitations", email=ADDRESS, role="member")
    work()
    assert ADDRESS in readable()
    person = builders.person(NAME, ADDRESS)
    [invitation] = invitees.of(person.id)
    ask(web, person, f"/invitations/{invitation}/decline")
    work()
    perform(Erase(person.id, "asked by letter"), operator("tests"))
    work()
    assert ADDRESS not in readable()


def test_the_notice_says_the_figures_of_the_code(web: Flask) -> None:
    """Days and hours of erasures and changes of address stand in the privacy notice."""
    page = re.sub(r"\s+", " ", look(web, builders.person("Any"), "/privacy"))
    assert f"{WAIT.days} days pass, in which you can take it back" in page
    assert f"for {address_changes.HOURS} hours" in page
