"""Members through the doors: invited by mail, answered by the right person alone, gone at once."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.boards import accounts, organizations
from portal.boards.grants import gates
from portal.desk.tables import invitees
from portal.extensions import db
from portal.ledger import outbox, perform
from portal.notices import mail
from portal.tasks import run
from portal.zones.defender.members import INVITATION_DAYS
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in
from tests.signing import ISSUER, Machine
from workflows.actors import Actor, Strength
from workflows.errors import Refused
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.remove_member import RemoveMember


def invited(app: Flask, org: builders.Org, address: str, role: str = "member") -> str:
    """Invite through the page; the invitation's id, from the organization's list."""
    answer = ask(app, org.owner, f"/organizations/{org.id}/invitations", email=address, role=role)
    assert answer.status_code == 302
    page = look(app, org.owner, f"/organizations/{org.id}/members")
    assert address.strip().casefold() in page.casefold()
    return re.findall(r"/invitations/(inv_[0-9a-f]+)/withdraw", page)[-1]


def test_only_the_address_that_was_invited_can_answer(web: Flask) -> None:
    """To anybody else the invitation does not exist; its person finds it at home and joins."""
    org, thief = builders.organization(), builders.person("A Thief")
    invitee = builders.person("New Colleague", "New@People.example")
    invitation = invited(web, org, " new@people.EXAMPLE ", "security_contact")
    for verb in ("accept", "decline"):
        answer = ask(web, thief, f"/invitations/{invitation}/{verb}")
        assert answer.status_code == 404
    assert "invites you" not in look(web, thief, "/defender")
    for page in ("/defender", "/account"):
        assert "Harbor CERT invites you" in look(web, invitee, page)
    assert ask(web, invitee, f"/invitations/{invitation}/accept").status_code == 302
    assert organizations.of(invitee.id) == {org.id: frozenset({"security_contact"})}
    assert ask(web, invitee, f"/invitations/{invitation}/accept").status_code == 404
    with db.engine.connect() as connection:
        assert connection.execute(select(invitees)).all() == []


def test_the_mail_carries_no_way_in(web: Flask) -> None:
    """The invitation's mail names the organization and the way to sign in, and holds no token."""
    org = builders.organization()
    invited(web, org, "new@people.example")
    while run.run_due():
        pass
    [found] = [m for m in mail.captured() if m.to == "new@people.example"]
    assert "Harbor CERT invites you" in found.subject
    assert f"{ISSUER}/sign-in\n" in found.text
    assert "inv_" not in found.text
    assert "/link/" not in found.text


def test_sending_again_sends_again_and_withdrawing_ends(web: Flask) -> None:
    """A second mail with a later end; after the withdrawal the invited person finds nothing."""
    org, invitee = builders.organization(), builders.person("New", "new@people.example")
    invitation = invited(web, org, "new@people.example")
    path = f"/organizations/{org.id}/invitations/{invitation}"
    while run.run_due():
        pass
    with time_machine.travel(clock.now() + timedelta(days=INVITATION_DAYS + 1), tick=True):
        assert "Expired" in look(web, org.owner, f"/organizations/{org.id}/members")
        assert ask(web, invitee, f"/invitations/{invitation}/accept").status_code == 409
        assert ask(web, org.owner, f"{path}/resend").status_code == 302
        assert "Harbor CERT invites you" in look(web, invitee, "/defender")
        while run.run_due():
            pass
        assert [m.to for m in mail.captured()].count("new@people.example") == 2
    assert ask(web, org.owner, f"{path}/withdraw").status_code == 302
    assert "invites you" not in look(web, invitee, "/defender")
    assert ask(web, invitee, f"/invitations/{invitation}/accept").status_code == 404


def test_one_address_has_one_invitation(web: Flask) -> None:
    """Inviting the same address again replaces the role that was offered; a member is not invited,
    and another organization's invitation to the same address stays."""
    org, other = builders.organization(), builders.organization("Other", "other.example")
    invitee = builders.person("New", "new@people.example")
    first, elsewhere = (
        invited(web, org, "new@people.example"),
        invited(web, other, "new@people.example"),
    )
    second = invited(web, org, "NEW@people.example", "admin")
    assert ask(web, invitee, f"/invitations/{first}/accept").status_code == 404
    assert ask(web, invitee, f"/invitations/{second}/accept").status_code == 302
    assert ask(web, invitee, f"/invitations/{elsewhere}/accept").status_code == 302
    assert organizations.of(invitee.id) == {
        org.id: frozenset({"admin"}), other.id: frozenset({"member"}),
    }  # fmt: skip
    ask(web, org.owner, f"/organizations/{org.id}/invitations",
        email="new@people.example", role="member")  # fmt: skip
    assert "No invitation is waiting" in look(web, org.owner, f"/organizations/{org.id}/members")


def test_inviting_again_without_a_passkey_takes_nothing_away(web: Flask) -> None:
    """Whoever has the owner's mailed link alone is refused, and the earlier invitation stands."""
    org, invitee = builders.organization(), builders.person("New", "new@people.example")
    earlier = invited(web, org, "new@people.example")
    answer = ask(web, org.owner, f"/organizations/{org.id}/invitations", Strength.LINK,
                 email="new@people.example", role="admin")  # fmt: skip
    assert answer.status_code == 403
    assert ask(web, invitee, f"/invitations/{earlier}/accept").status_code == 302
    assert organizations.of(invitee.id) == {org.id: frozenset({"member"})}


def test_removal_ends_everything_in_the_same_moment(web: Flask) -> None:
    """The removed person's session is gone and their key gets no token; the owner's key does."""
    org, people = builders.organization(), builders.staff()
    grant = builders.grant(org, people)
    builders.service(people)
    admin = org.colleague("admin")
    theirs = Machine(*builders.credential(org, grant, admin))
    owners = Machine(*builders.credential(org, grant))
    browser = signed_in(web, admin)
    assert theirs.ask(web).status_code == owners.ask(web).status_code == 200
    answer = ask(web, org.owner, f"/organizations/{org.id}/members/{admin.id}/remove")
    assert answer.status_code == 302
    gone = theirs.ask(web)
    assert (gone.status_code, gone.json["error"]) == (401, "invalid_client")
    assert owners.ask(web).status_code == 200
    with Flask.app_context(web):
        assert browser.get("/account").status_code == 302
    assert organizations.of(admin.id) == {}


def test_a_suspended_grants_keys_go_too(either_app: Flask) -> None:
    """A key that is held back does not come back with the grant when its holder has left."""
    org, people = builders.organization(), builders.staff()
    grant = builders.grant(org, people)
    admin = org.colleague("admin")
    credential, _ = builders.credential(org, grant, admin)
    perform(Suspend(grant, reason="error"), people.manager)
    perform(Leave(org.id), builders.again(admin))
    with db.engine.connect() as connection:
        row = connection.execute(select(gates).where(gates.c.credential == credential)).one()
    assert (row.status, row.reason) == ("invalid", "member_gone")


def test_no_key_survives_a_removal_that_it_raced(postgres_app: Flask) -> None:
    """Registering and removal at one moment: whoever is first, no key of theirs is live after."""
    org, people = builders.organization(), builders.staff()
    grant = builders.grant(org, people)
    refused = 0
    for _ in range(8):
        admin = org.colleague("admin")

        def register(by: Actor = admin) -> None:
            builders.credential(org, grant, by)

        def remove(account: str = admin.id) -> None:
            perform(RemoveMember(org.id, account), builders.again(org.owner))

        found = history.at_once(postgres_app, [register, remove, register])
        assert found[1] is None, found
        refused += sum(isinstance(f, Refused) for f in found)
        with db.engine.connect() as connection:
            live = connection.execute(
                select(gates.c.credential).where(
                    gates.c.registered_by == admin.id, gates.c.status != "invalid"
                )
            ).all()
        assert live == []


def test_everyone_whom_it_concerns_is_told(web: Flask) -> None:
    """A removal is mailed to the owner and to the removed, each event anew."""
    org, outside = builders.organization(), builders.person("Ann", "ann@people.example")
    for _ in range(2):
        invitation = invited(web, org, "ann@people.example")
        ask(web, outside, f"/invitations/{invitation}/accept")
        perform(RemoveMember(org.id, outside.id), builders.again(org.owner))
    while run.run_due():
        pass
    subject = "Somebody is no longer a member of an organization"
    to = sorted(m.to for m in mail.captured() if m.subject == subject)
    owner = accounts.address(org.owner.id)
    assert to == sorted([owner, owner, "ann@people.example", "ann@people.example"])


def test_an_invitation_that_is_refused_leaves_no_trace(web: Flask) -> None:
    """A role that does not exist is refused, and no address waits for an answer."""
    org = builders.organization()
    outbox.ring.clear()
    answer = ask(web, org.owner, f"/organizations/{org.id}/invitations",
                 email="new@people.example", role="owner")  # fmt: skip
    assert answer.status_code == 302
    with db.engine.connect() as connection:
        assert connection.execute(select(invitees)).all() == []
