"""Recovery through the doors: told at once, stopped with a mailed link, a new passkey after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock, vault
from portal.boards import accounts
from portal.ledger import perform
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.people import ask, look, signed_in, visit
from workflows.account.commands.add_passkey import AddPasskey
from workflows.actors import Actor, Strength
from workflows.errors import Refused
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite


def work() -> None:
    while run.run_due():
        pass


def with_passkey(who: Actor, name: str) -> None:
    label = vault.put(who.id, "Laptop")
    perform(AddPasskey(who.id, name, "Y29zZQ", "00" * 16, True, label), who)


def member_and_admin(org: builders.Org) -> tuple[Actor, Actor]:
    lost, admin = org.colleague(), org.colleague("admin")
    with_passkey(lost, "bG9zdA")
    return lost, admin


def subjects() -> list[str]:
    return [m.subject for m in mail.captured() if "recover" in m.subject]


def test_a_day_after_the_second_word_a_new_passkey_can_be_added(web: Flask) -> None:
    """Told at each step, signed out everywhere when it happens, and from then on the mailed link
    suffices to add a passkey, which it did not before."""
    org = builders.organization()
    lost, admin = member_and_admin(org)
    path = f"/organizations/{org.id}/members/{lost.id}/recovery"
    linked = signed_in(web, lost, Strength.LINK)
    by_link = Actor(lost.id, strength=Strength.LINK)
    with pytest.raises(Refused):
        with_passkey(by_link, "bmV3")
    assert ask(web, org.owner, path).status_code == 302
    page = look(web, org.owner, f"/organizations/{org.id}/members")
    assert "/recovery/confirm" not in page
    assert ask(web, org.owner, f"{path}/confirm").status_code == 403
    assert "/recovery/confirm" in look(web, admin, f"/organizations/{org.id}/members")
    assert ask(web, admin, f"{path}/confirm").status_code == 302
    work()
    assert len(accounts.passkeys_of(lost.id)) == 1
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=5), tick=True):
        work()
        assert accounts.passkeys_of(lost.id) == []
        assert visit(web, linked, "/account") == 302
        with_passkey(by_link, "bmV3")
        assert [row.passkey for row in accounts.passkeys_of(lost.id)] == ["bmV3"]
    told = {subject: subjects().count(subject) for subject in subjects()}
    assert told == {  # the person, the owner and the admin, each time
        "Somebody asked to recover an account": 3,
        "An account is recovered in a day, unless you stop it": 3,
        "An account was recovered: its passkeys are gone": 3,
    }


def test_the_person_stops_it_with_a_mailed_link(web: Flask) -> None:
    """The account's page says what is going on and has the button; its day then brings nothing."""
    org = builders.organization()
    lost, admin = member_and_admin(org)
    path = f"/organizations/{org.id}/members/{lost.id}/recovery"
    ask(web, org.owner, path)
    ask(web, admin, f"{path}/confirm")
    assert "Somebody is recovering your account" in look(web, lost, "/account")
    answer = ask(web, lost, "/account/recovery/cancel", Strength.LINK)
    assert answer.status_code == 302
    assert "Somebody is recovering" not in look(web, lost, "/account")
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        work()
    assert len(accounts.passkeys_of(lost.id)) == 1


def test_another_organization_has_no_hand_in_it(web: Flask) -> None:
    """Its admins neither start, see, confirm nor stop what is not theirs."""
    org, other = builders.organization(), builders.organization("Other", "other.example")
    lost, _ = member_and_admin(org)
    ask(web, org.owner, f"/organizations/{org.id}/members/{lost.id}/recovery")
    path = f"/organizations/{other.id}/members/{lost.id}/recovery"
    for verb in ("", "/confirm", "/cancel"):
        assert ask(web, other.owner, f"{path}{verb}").status_code == 404
    page = look(web, builders.person("Ad", roles=("administrator",)), "/staff/people")
    assert "of their organization" in page


def test_who_belongs_elsewhere_too_is_recovered_by_staff(web: Flask) -> None:
    """An organization that invited somebody does not get at the passkeys that open another."""
    org, trap = builders.organization(), builders.organization("Trap", "trap.example")
    end = clock.iso_in(days=7)
    perform(Invite(trap.id, "inv_trap", vault.put(trap.id, "x"), "member", end), trap.owner)
    perform(AcceptInvitation(trap.id, "inv_trap"), org.owner)
    path = f"/organizations/{trap.id}/members/{org.owner.id}/recovery"
    answer = ask(web, trap.owner, path)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "belongs_elsewhere")


def test_staff_recover_staff_by_two_roles(web: Flask) -> None:
    """Two administrators are not enough; an administrator and a program manager are."""
    one, two = (builders.person(n, roles=("administrator",)) for n in ("One", "Two"))
    manager = builders.person("Mo", roles=("program_manager",))
    lost = builders.person("Rae", "rae@staff.example", roles=("reviewer",))
    third = builders.person("Third", "third@staff.example", roles=("administrator",))
    assert ask(web, one, "/staff/people/recoveries", email="RAE@staff.example ").status_code == 302
    assert ask(web, manager, f"/staff/people/{lost.id}/recovery/confirm").status_code == 302
    assert ask(web, one, "/staff/people/recoveries", email="third@staff.example").status_code == 302
    assert ask(web, two, f"/staff/people/{third.id}/recovery/confirm").status_code == 403
    assert ask(web, one, f"/staff/people/{third.id}/recovery/cancel").status_code == 302
    unknown = ask(web, one, "/staff/people/recoveries", email="nobody@staff.example")
    assert unknown.status_code == 302


def test_a_passkey_that_was_lost_signs_nobody_in_afterwards(web: Flask) -> None:
    """Whoever found the old device comes in with it no longer."""
    org = builders.organization()
    lost, admin = member_and_admin(org)
    path = f"/organizations/{org.id}/members/{lost.id}/recovery"
    ask(web, org.owner, path)
    ask(web, admin, f"{path}/confirm")
    assert accounts.passkey("bG9zdA") is not None
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        work()
    assert accounts.passkey("bG9zdA") is None
