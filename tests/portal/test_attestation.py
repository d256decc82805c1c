"""Every 90 days: reminders once, suspension, one click that lifts it, and what a page says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import clock, ids, vault
from portal.boards import accounts, applications, organizations
from portal.boards.grants import gates
from portal.boards.organizations import members
from portal.desk import last_days
from portal.extensions import db
from portal.identity import viewer
from portal.ledger import perform, projection, rebuild
from portal.ledger.tables import jobs
from portal.notices import mail
from portal.tasks import clockwork, run
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in
from workflows.actors import Actor, Strength
from workflows.attestation import GRACE, OPENS
from workflows.errors import NotFound
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.invite import Invite

REMINDER, TOLD = "Who still works with you?", "Suspended for want of your word"
OUT = "Your membership in an organization is suspended until its owner or an admin says that you"


def work() -> None:
    while run.run_due():
        pass


def member(org_id: str, account: str) -> Any:
    with db.engine.connect() as connection:
        query = select(members).where(members.c.org_id == org_id, members.c.account == account)
        return connection.execute(query).one()


def due(org: builders.Org) -> datetime:
    work()
    return clock.parse(member(org.id, org.owner.id).attest_by)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=True):
        work()
        yield


def mails(subject: str) -> list[mail.Mail]:
    return [m for m in mail.captured(500) if m.subject.startswith(subject)]


def actor(who: Actor) -> Actor:
    """Who they are to the portal at this moment."""
    return viewer.actor_of(who.id, Strength.PASSKEY)


def test_counting_begins_by_itself(either_app: Flask) -> None:
    """Whoever joins, and every key, is counted from then on; nobody is due for 90 days."""
    org, people = builders.organization(), builders.staff()
    colleague = org.colleague()
    credential, _ = builders.credential(org, builders.grant(org, people))
    work()
    end = clock.iso_in(days=90)
    with db.engine.connect() as connection:
        key = connection.execute(select(gates).where(gates.c.credential == credential)).one()
    for found in (member(org.id, org.owner.id), member(org.id, colleague.id), key):
        assert end < found.attest_by <= clock.iso_in(days=91)


def test_who_was_there_before_is_counted_from_the_first_round(either_app: Flask) -> None:
    """After the upgrade nobody is due: the hourly round begins to count, once, and rebuilt boards
    say the same."""
    org, people = builders.organization(), builders.staff()
    builders.credential(org, builders.grant(org, people))
    colleague = org.colleague()
    with time_machine.travel(clock.now() + timedelta(days=400), tick=True):
        db.session.rollback()
        assert member(org.id, colleague.id).attest_by == ""
        assert clockwork.count_attestations() == 2  # the organization, and the grant
        work()
        assert member(org.id, colleague.id).suspended_at == ""
        assert member(org.id, colleague.id).attest_by > clock.iso_in(days=90)
        assert clockwork.count_attestations() == 0
        live = history.rows(*projection.tables())
        rebuild.rebuild(shuffle=random.Random(5))
        assert history.rows(*projection.tables()) == live


def test_two_reminders_each_one_mail_to_whoever_looks_after_it(either_app: Flask) -> None:
    """14 and 3 days before, to owner and admin, one a day for people and keys together."""
    org, people = builders.organization(), builders.staff()
    admin, _ = org.colleague("admin"), org.colleague()
    builders.credential(org, builders.grant(org, people))
    end = due(org)
    with at(end - timedelta(days=14, minutes=1)):
        assert mails(REMINDER) == []
    for days, so_far in ((14, 2), (13, 2), (3, 4), (1, 4)):
        with at(end - timedelta(days=days) + timedelta(minutes=5)):
            assert len(mails(REMINDER)) == so_far
    texts = {m.to: m.text for m in mails(REMINDER)}
    assert set(texts) == {accounts.address(org.owner.id), accounts.address(admin.id)}
    for text in texts.values():
        assert text.startswith("2 people and 1 key of your organization wait for your word")
        assert clock.iso(end)[:10] in text
        assert clock.iso(end + GRACE)[:10] in text


def test_no_reminder_of_what_was_spoken_for(web: Flask) -> None:
    """And none to an owner who is alone."""
    org, alone = builders.organization(), builders.organization("Alone", "alone.example")
    colleague = org.colleague()
    end = due(org)
    with at(end - OPENS + timedelta(minutes=1)):
        ask(web, org.owner, f"/organizations/{org.id}/attestation/members/{colleague.id}")
    with at(end + timedelta(days=20)):
        assert mails(REMINDER) == mails(TOLD) == []
        assert alone.owner.id in organizations.people_to_tell(alone.id)


def test_a_suspended_membership_opens_nothing(web: Flask) -> None:
    """Its person is told, sees who lifts it, and is no member anywhere; the owner is told once."""
    org = builders.organization()
    admin, colleague = org.colleague("admin"), org.colleague()
    end = due(org)
    with at(end + GRACE - timedelta(minutes=1)):
        assert actor(colleague).memberships
    with at(end + GRACE + timedelta(minutes=1)):
        for who in (admin, colleague):
            assert actor(who).memberships == {}
            assert actor(who).suspended_in == actor(who).belongs_to == {org.id}
        assert actor(org.owner).memberships
        assert organizations.people_to_tell(org.id) == [org.owner.id]
        assert f"Your membership in {org.name} is suspended" in look(web, colleague, "/defender")
        client = signed_in(web, colleague)
        db.session.rollback()
        with Flask.app_context(web):
            answer = client.get(f"/organizations/{org.id}")
        assert answer.status_code == 403
        assert "sk its owner or an admin" in answer.text
        assert sorted(m.to for m in mails(OUT)) == sorted(
            str(accounts.address(a.id)) for a in (admin, colleague)
        )
    with at(end + GRACE + timedelta(hours=1)):
        [told] = mails(TOLD)
        assert told.to == accounts.address(org.owner.id)
        assert told.text.startswith("2 people of your organization were suspended")


def test_one_click_gives_it_back(web: Flask) -> None:
    """By the owner, with a passkey; not by a link's sign-in, not by the suspended, and the person
    is told."""
    org = builders.organization()
    admin, colleague = org.colleague("admin"), org.colleague()
    path = f"/organizations/{org.id}/attestation"
    end = due(org)
    with at(end + GRACE + timedelta(minutes=1)):
        assert ask(web, admin, f"{path}/members/{colleague.id}").status_code == 403
        said = f"{path}/members/{admin.id}"
        assert ask(web, org.owner, said, Strength.LINK).status_code == 403
        assert ask(web, org.owner, said).status_code == 302
        assert actor(admin).memberships == {org.id: {"admin"}}
        assert ask(web, admin, f"{path}/members/{admin.id}").status_code == 403
        assert ask(web, admin, f"{path}/members/{colleague.id}").status_code == 302
        assert actor(colleague).memberships
        work()
        back = mails("Your membership in an organization was given back")
        assert {m.to for m in back} == {accounts.address(a.id) for a in (admin, colleague)}


def test_a_suspended_membership_is_ones_own_all_the_same(web: Flask) -> None:
    """Another organization does not recover them alone, as of everybody who belongs elsewhere;
    their own is not offered to them to join, and its case is in no queue of theirs."""
    org, other = builders.organization(), builders.organization("Fjord", "fjord.example")
    colleague = org.colleague()
    case = builders.submit(org)
    builders.pass_checks(case)
    end = due(org)
    with at(end + GRACE + timedelta(minutes=1)):
        invitation, address = ids.new("inv"), vault.put(other.id, "c@fjord.example")
        soon = clock.iso_in(days=7)
        perform(Invite(other.id, invitation, address, "member", soon), builders.again(other.owner))
        perform(AcceptInvitation(other.id, invitation), colleague)
        path = f"/organizations/{other.id}/members/{colleague.id}/recovery"
        answer = ask(web, other.owner, path)
        assert (answer.status_code, answer.json["code"]) == (403, "belongs_elsewhere")
        reviewer = replace(actor(colleague), roles=frozenset({"reviewer"}))
        with pytest.raises(NotFound):  # a member would see it as an applicant does
            applications.get(case, reviewer)
        phases = ("reviewing",)
        assert case not in {row.id for row in applications.queue(reviewer, phases)}
        assert case in {
            row.id
            for row in applications.queue(replace(reviewer, suspended_in=frozenset()), phases)
        }


def test_whoever_is_suspended_can_go(web: Flask) -> None:
    """The button stands on their home; what they were is over then."""
    org = builders.organization()
    colleague = org.colleague()
    end = due(org)
    with at(end + GRACE + timedelta(minutes=1)):
        assert f"/organizations/{org.id}/leave" in look(web, colleague, "/defender")
        assert ask(web, colleague, f"/organizations/{org.id}/leave").status_code == 302
        assert actor(colleague).belongs_to == frozenset()
        assert ask(web, colleague, f"/organizations/{org.id}/leave").status_code == 404


def test_a_suspended_guest_sees_no_room(web: Flask) -> None:
    """They have no membership to lose, and lose the rooms."""
    org = builders.organization()
    colleague = org.colleague()
    perform(ChangeRole(org.id, colleague.id, "guest"), org.owner)
    end = due(org)
    assert actor(colleague).guest_of == {org.id}
    with at(end + GRACE + timedelta(minutes=1)):
        assert actor(colleague).guest_of == frozenset()
        assert actor(colleague).belongs_to == {org.id}


def test_the_page_has_a_button_for_each_and_says_when_nothing_waits(web: Flask) -> None:
    """Members and keys that are due with who, role and last day; afterwards when the next is."""
    org, people = builders.organization(), builders.staff()
    admin, colleague = org.colleague("admin"), org.colleague()
    credential, _ = builders.credential(org, builders.grant(org, people))
    path = f"/organizations/{org.id}/attestation"
    end = due(org)
    assert "Nothing waits for your word" in look(web, org.owner, path)
    assert "wait for your word" not in look(web, org.owner, "/defender")
    with at(end - timedelta(days=20)):
        with db.engine.begin() as connection:
            last_days.note(connection, credential)
        for where in ("/defender", f"/organizations/{org.id}", f"/organizations/{org.id}/members"):
            assert "2 people and 1 key" in look(web, org.owner, where)
        assert "2 people and 1 key" not in look(web, colleague, f"/organizations/{org.id}")
        page = look(web, org.owner, path)
        words = [f"{path}/members/{admin.id}", f"{path}/members/{colleague.id}",
                 f"{path}/keys/{credential}"]  # fmt: skip
        assert all(f'action="{word}"' in page for word in words)
        assert f"{path}/members/{org.owner.id}" not in page
        assert clock.now_iso()[:10] in page
        assert "You are due yourself" in look(web, admin, path)
        assert f"{path}/members/{org.owner.id}" in look(web, admin, path)
        for word in words:
            assert ask(web, org.owner, word).status_code == 302
        assert "Nothing waits for your word" in look(web, org.owner, path)
        assert f"{path}/members" in look(web, admin, path)  # the owner waits for the admin's word


def test_a_word_given_early_says_that_nothing_changed(web: Flask) -> None:
    """It is no error, and the due stays."""
    org = builders.organization()
    colleague = org.colleague()
    end = due(org)
    client = signed_in(web, org.owner)
    db.session.rollback()
    with Flask.app_context(web):
        path = f"/organizations/{org.id}/attestation/members/{colleague.id}"
        page = client.post(path, follow_redirects=True).text
    assert "not due for a while" in page
    assert member(org.id, colleague.id).attest_by == clock.iso(end)


def test_others_keys_and_members_are_as_if_they_were_not_there(web: Flask) -> None:
    """A key of another organization, under one's own path too; a member may not speak at all."""
    org, other = builders.organization(), builders.organization("Fjord", "fjord.example")
    colleague, people = org.colleague(), builders.staff()
    credential, _ = builders.credential(other, builders.grant(other, people))
    own, foreign = (f"/organizations/{o.id}/attestation" for o in (org, other))
    assert ask(web, org.owner, f"{own}/keys/{credential}").status_code == 404
    assert ask(web, org.owner, f"{foreign}/keys/{credential}").status_code == 404
    assert ask(web, org.owner, f"{foreign}/members/{other.owner.id}").status_code == 404
    assert ask(web, colleague, f"{own}/members/{org.owner.id}").status_code == 403
    assert signed_in(web, colleague).get(own).status_code == 403


def test_staff_and_holder_read_why_a_key_is_suspended(web: Flask) -> None:
    """On the staff's page of the grant, on the organization's, and on the key's own."""
    org, people = builders.organization(), builders.staff()
    grant = builders.grant(org, people)
    credential, _ = builders.credential(org, grant)
    end = due(org)
    with at(end + GRACE + timedelta(minutes=1)):
        why = "nobody said that it is still used"
        assert why in look(web, people.manager, f"/staff/grants/{grant}")
        assert why in look(web, org.owner, f"/grants/{grant}")
        assert "it works again at once" in look(web, org.owner, f"/credentials/{credential}")


def test_rebuilt_and_live_boards_are_equal(either_app: Flask) -> None:
    """Members and gates after suspensions and words, fed again in another order."""
    history.rich()
    with db.engine.connect() as connection:
        assert {"", "not_attested"} <= set(connection.execute(select(gates.c.reason)).scalars())
        assert len(set(connection.execute(select(members.c.suspended_at)).scalars())) > 1
    live = history.rows(members, gates)
    rebuild.rebuild(shuffle=random.Random(7))
    assert history.rows(members, gates) == live


def test_the_work_of_a_day_may_be_done_twice(either_app: Flask) -> None:
    """A worker that was killed after each step: nobody is suspended or told a second time."""
    org = builders.organization()
    org.colleague()
    end = due(org)
    with at(end + GRACE + timedelta(minutes=1)):
        pass
    with at(end + GRACE + timedelta(hours=1)):
        before = (history.entries(org.id), len(mail.captured(500)))
        with db.engine.begin() as connection:
            again = update(jobs).where(jobs.c.kind == "mind_attestation")
            connection.execute(again.values(done_at="", lease_until=""))
        db.session.rollback()
        work()
        assert (history.entries(org.id), len(mail.captured(500))) == before


@pytest.mark.parametrize("days", [0, 1])
def test_the_last_day_is_kept_and_no_more(app: Flask, days: int) -> None:
    """A sign-in notes the day, once a day, and an erasure forgets it."""
    who = builders.person()
    with time_machine.travel(clock.now() + timedelta(days=days), tick=True):
        signed_in(app, who)
        signed_in(app, who)
        assert last_days.of([who.id]) == {who.id: clock.now_iso()[:10]}
        last_days.forget(who.id)
        assert last_days.of([who.id]) == {}
