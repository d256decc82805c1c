"""Changing one's address: proven by mail, told to the former one, undone by it; nothing shows."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import clock, ids, vault
from portal.boards import accounts, invitations, organizations
from portal.desk import address_changes, invitees, links, sessions
from portal.desk.tables import addresses as address_rows
from portal.ledger import perform, verify
from portal.ledger.rebuild import rebuild
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal import directories
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in, visit
from workflows.account.commands.add_passkey import AddPasskey
from workflows.actors import Actor, Strength, robot
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn
from workflows.organization.commands.verify_domain import VerifyDomain

OLD, NEW = "pat@old.example", "pat@new.example"


def work() -> None:
    while run.run_due():
        pass


def mails_to(address: str) -> list[mail.Mail]:
    return [m for m in mail.captured() if m.to == address]


def path_in(text: str) -> str:
    found = re.search(
        r"http://localhost:8000(/(?:account/address|address-undo|link)/[\w-]{20,})", text
    )
    return found[1] if found else ""


def path_to(address: str) -> str:
    """The newest path with a token that was mailed there."""
    return next((path_in(m.text) for m in mails_to(address) if path_in(m.text)), "")


def pat(passkey: bool = True) -> Actor:
    actor = builders.person("Pat", OLD)
    if passkey:
        with_passkey(actor, "b2xk")
    return actor


def with_passkey(actor: Actor, name: str) -> None:
    label = vault.put(actor.id, "Laptop")
    perform(AddPasskey(actor.id, name, "Y29zZQ", "00" * 16, True, label), actor)


def required() -> builders.Org:
    """An organization that requires its provider for its proven domain."""
    org, issuer = builders.organization(), "https://login.cert.example"
    perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), robot("dns"))
    with_passkey(org.owner, "b3duZXI")
    perform(ConfigureSignOn(org.id, issuer, "portal", "private_key_jwt", True), org.owner)
    perform(ProveSignOn(org.id, org.owner.id, issuer, "portal"), robot("sign_on"))
    perform(RequireSignOn(org.id), org.owner)
    return org


def changed(web: Flask, actor: Actor, to: str = NEW, strength: Strength = Strength.PASSKEY) -> None:
    assert ask(web, actor, "/account/address", strength, email=to).status_code == 302
    work()
    assert ask(web, actor, path_to(to), strength).status_code == 302
    work()


def by_link(web: Flask, address: str) -> Any:
    """Ask for a mailed link and press its button; the answer, None when the mail has no link."""
    client = web.test_client()
    with Flask.app_context(web):
        client.post("/sign-in", data={"email": address})
    work()
    path = path_in(mails_to(address)[0].text)
    if not path.startswith("/link/"):
        return None
    with Flask.app_context(web):
        return client.post(path, data={"name": "Somebody"}, headers={"Accept": "application/json"})


def test_the_new_address_signs_in_and_the_old_one_does_not(web: Flask) -> None:
    """Nothing changes before the link is used; then other sessions are over, the old address gets
    a mail, and a week later it is anybody's."""
    actor = pat(passkey=False)
    elsewhere = signed_in(web, actor)
    assert ask(web, actor, "/account/address", Strength.LINK, email=f" {NEW} ").status_code == 302
    work()
    assert accounts.address(actor.id) == OLD
    assert "asked for" in mails_to(OLD)[0].subject
    former = accounts.get(actor.id).address_ref
    assert ask(web, actor, path_to(NEW), Strength.LINK).status_code == 302
    work()
    assert visit(web, elsewhere, "/account") == 302
    assert (links.account_of(NEW), links.account_of(OLD)) == (actor.id, None)
    assert path_to(OLD).startswith("/address-undo/")
    assert by_link(web, NEW).status_code == 302
    assert by_link(web, OLD) is None  # kept back: the mail says so, and has no link
    assert "kept back" in mails_to(OLD)[0].text
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=True):
        work()
        assert vault.read(former) is None
        assert by_link(web, OLD).status_code == 302
        assert links.account_of(OLD) not in (None, actor.id)
        assert links.account_of(NEW) == actor.id
    assert verify.verify().ok


def test_a_changed_address_is_the_same_after_a_rebuild(web: Flask) -> None:
    """Which address counts is the ledger's to say: boards that are fed anew say the same."""
    actor = pat()
    changed(web, actor)
    rebuild()
    assert (links.account_of(NEW), links.account_of(OLD)) == (actor.id, None)


def test_a_taken_address_and_a_free_one_look_the_same(web: Flask) -> None:
    """To who asks: the same answer, page and rows. The mail to the address alone says it, and its
    text is in no copy of the asker's data."""
    builders.person("Somebody Else", "taken@people.example")
    seen = []
    for address in ("taken@people.example", "free@people.example"):
        actor = builders.person("Asker", f"{address.replace('@', '-')}@old.example")
        answer = ask(web, actor, "/account/address", email=address)
        work()
        page = look(web, actor, "/account/address").replace(address, "ADDRESS")
        page = page.partition("A change waits")[2].partition("Until")[0]
        assert "ADDRESS" in page
        own = [m.subject for m in mail.to_person(actor.id)]
        seen.append((answer.status_code, answer.headers["Location"], page, own))
        export = ask(web, actor, "/account/data/export").text
        assert path_to("free@people.example") not in export or not path_to("free@people.example")
    assert seen[0] == seen[1]
    assert path_to("taken@people.example") == ""
    assert "belongs to another account" in mails_to("taken@people.example")[0].text
    assert path_to("free@people.example")
    assert len(mails_to("taken@people.example")) == len(mails_to("free@people.example"))


def test_only_who_asked_confirms_and_only_in_time(web: Flask) -> None:
    """Not somebody else who reads the mail, not after a day, not after cancelling or asking anew,
    and not twice; a look uses nothing up."""
    actor, other = pat(), builders.person("Other", "other@people.example")
    ask(web, actor, "/account/address", email="first@new.example")
    work()
    first = path_to("first@new.example")
    ask(web, actor, "/account/address", email=NEW)
    work()
    second = path_to(NEW)
    assert ask(web, actor, first).status_code == 404
    assert ask(web, other, second).status_code == 404
    assert web.test_client().post(second).headers["Location"].startswith("/sign-in")
    look(web, actor, second)
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=True):
        assert ask(web, actor, second).status_code == 404
    assert ask(web, actor, "/account/address/cancel", Strength.LINK).status_code == 302
    assert ask(web, actor, second).status_code == 404
    assert accounts.address(actor.id) == OLD
    changed(web, actor, "third@new.example")
    assert ask(web, actor, path_to("third@new.example")).status_code == 404
    assert address_changes.prune() == 0


def test_who_has_a_passkey_asks_and_confirms_with_it(web: Flask) -> None:
    """A mailed link does neither; without a passkey the sign-in has to be fresh."""
    actor = pat()
    assert ask(web, actor, "/account/address", Strength.LINK, email=NEW).status_code == 403
    ask(web, actor, "/account/address", email=NEW)
    work()
    assert ask(web, actor, path_to(NEW), Strength.LINK).status_code == 403
    assert links.account_of(OLD) == actor.id
    assert ask(web, actor, path_to(NEW)).status_code == 302  # the refusal did not use it up
    bare = builders.person("Bare", "bare@old.example")
    client = signed_in(web, bare, Strength.LINK)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        with Flask.app_context(web):
            answer = client.post("/account/address", data={"email": "bare@new.example"},
                                 headers={"Accept": "application/json"})  # fmt: skip
        assert (answer.status_code, answer.get_json()["code"]) == (403, "sign_in_again")


def test_an_address_that_got_an_account_meanwhile_is_not_taken_over(web: Flask) -> None:
    """Between the mail and its button somebody opened an account with the address."""
    actor = pat()
    ask(web, actor, "/account/address", email=NEW)
    work()
    path = path_to(NEW)
    first = builders.person("First", NEW)
    answer = ask(web, actor, path)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "address_taken")
    assert (links.account_of(NEW), accounts.address(actor.id)) == (first.id, OLD)
    assert links.account_of(OLD) == actor.id


def test_of_two_who_change_to_one_address_one_has_it(either_app: Flask) -> None:
    """At the same moment, on both databases: one moves, the other stays where they were."""
    from portal.identity import address_change

    people = [builders.person(str(n), f"p{n}@old.example") for n in range(4)]
    tokens = []
    for person in people:
        change = address_changes.ask(person.id, NEW)
        tokens.append(address_changes.token_of(change))
    done = history.at_once(
        either_app,
        [
            lambda p=p, t=t: address_change.confirm(p, t)
            for p, t in zip(people, tokens, strict=True)
        ],
    )
    assert done.count(None) == 1, done
    owner = people[done.index(None)].id
    assert links.account_of(NEW) == owner
    for number, person in enumerate(people):
        if person.id != owner:
            assert links.account_of(f"p{number}@old.example") == person.id


def test_the_former_address_puts_it_back_and_signs_nobody_in(web: Flask) -> None:
    """A thief of the session moved the account and added a passkey: both are gone, everybody is
    out, and the mailed link of neither address opens the account until its person was there."""
    actor = pat()
    with time_machine.travel(clock.now() + timedelta(days=9), tick=True):
        with_passkey(actor, "dGhpZWY")
        changed(web, actor)
        thief, undo = signed_in(web, actor), path_to(OLD)
        nobody = web.test_client()
        with Flask.app_context(web):
            assert nobody.get(undo).status_code == 200
        assert accounts.address(actor.id) == NEW  # a look changes nothing
        with Flask.app_context(web):
            assert nobody.post(undo).headers["Location"] == "/address-put-back"
            assert nobody.get("/address-put-back").status_code == 200
        work()
        assert visit(web, nobody, "/account") == 302  # it signed nobody in
        assert visit(web, thief, "/account") == 302
        assert [row.passkey for row in accounts.passkeys_of(actor.id)] == ["b2xk"]
        assert links.account_of(OLD) == actor.id
        assert by_link(web, OLD) is None
        assert by_link(web, NEW).status_code == 302  # an account of its own, and not this one
        assert links.account_of(NEW) != actor.id
        assert ask(web, actor, "/account/links/allow", Strength.LINK).status_code == 403
        assert "Mailed links sign nobody in" in look(web, actor, "/account")
        assert ask(web, actor, "/account/links/allow").status_code == 302
        assert by_link(web, OLD).status_code == 302
        with Flask.app_context(web):
            assert nobody.post(undo).status_code == 404
    with time_machine.travel(clock.now() + timedelta(days=30), tick=True):
        work()  # the week of the change ends: what was put back stays
        assert accounts.address(actor.id) == OLD
        assert links.account_of(OLD) == actor.id


def test_a_link_from_before_is_held_too(web: Flask) -> None:
    """A sign-in link that lay in the mailbox when the change was undone opens nothing."""
    actor = pat()
    changed(web, actor)
    with Flask.app_context(web):
        web.test_client().post(path_to(OLD))
    token = links.for_mail(links.make(OLD))
    with Flask.app_context(web):
        answer = web.test_client().post(f"/link/{token[2]}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "links_held")


def test_after_a_week_it_is_not_undone(web: Flask) -> None:
    """The link of the mail is over, whether or not the clean-up came first."""
    actor = pat()
    changed(web, actor)
    undo = path_to(OLD)
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=True):
        for cleaned in (False, True):
            with Flask.app_context(web):
                answer = web.test_client().post(undo)
            assert answer.status_code == (404 if cleaned else 409)
            work()
    assert accounts.address(actor.id) == NEW


def test_an_organizations_requirement_is_not_left_by_leaving_its_domain(web: Flask) -> None:
    """Whose address lies where a provider is required changes it neither away nor thither."""
    org = required()
    inside = builders.person("Inside", f"inside@{org.domain}")
    outside = builders.person("Outside", "outside@old.example")
    for actor, to in ((inside, NEW), (outside, f"new@{org.domain}")):
        answer = ask(web, actor, "/account/address", email=to)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "sign_on_required")
    assert mails_to(NEW) == []


def test_invitations_stay_with_the_address_that_they_went_to(web: Flask) -> None:
    """Those to the former address are not the person's any more; those to the new one are."""
    org, actor = builders.organization(), pat()
    for invitation, address in (("inv_old", OLD), ("inv_new", NEW)):
        invitees.note(invitation, address)
        kept = vault.put(invitation, address)
        perform(Invite(org.id, invitation, kept, "member", clock.iso_in(days=7)), org.owner)
    assert invitees.of(actor.id) == ["inv_old"]
    changed(web, actor)
    assert invitees.of(actor.id) == ["inv_new"]
    assert ask(web, actor, "/invitations/inv_old/accept").status_code == 404
    assert ask(web, actor, "/invitations/inv_new/accept").status_code == 302
    assert invitations.for_robot("inv_old") is not None


def test_a_directorys_departure_reaches_who_changed_their_address(web: Flask) -> None:
    """It lists somebody by an address that is theirs no longer: they are out all the same."""
    org = directories.proven()
    secret = directories.token(org)
    address = f"dana@{org.domain}"
    said = directories.say(web, secret, "POST", "/Users", directories.user(address))
    entry = json.loads(said.text)["id"]
    dana = builders.person("Dana", address)
    end = clock.iso_in(days=7)  # another invitation than the one that the directory sent
    perform(Invite(org.id, "inv_x", vault.put("inv_x", address), "member", end), org.owner)
    perform(AcceptInvitation(org.id, "inv_x"), dana)
    changed(web, builders.again(dana), "dana@elsewhere.example")
    assert org.id in organizations.of(dana.id)
    directories.say(web, secret, "DELETE", f"/Users/{entry}")
    assert organizations.of(dana.id) == {}


def test_the_same_address_in_another_spelling_is_no_change(web: Flask) -> None:
    """Case, the root's dot and A-labels are spellings; what is no address is said to be none."""
    actor = builders.person("Pat", "pat@exämple.example")
    for same in ("PAT@EXÄMPLE.example", "pat@xn--exmple-cua.example", "pat@exämple.example."):
        assert ask(web, actor, "/account/address", email=same).status_code == 200
    wrong_ones = (
        "pat", "a,b@people.example", "x<pat@people.example>", "pat@people.example(x)",
        "pat@-bad-.example", "p\u200bat@people.example", "pat@under_score.example",
    )  # fmt: skip
    for wrong in wrong_ones:
        assert ask(web, actor, "/account/address", email=wrong).status_code == 200
    assert address_changes.waiting(actor.id) is None


def test_addresses_that_only_look_or_fold_alike_are_not_one(web: Flask) -> None:
    """Finding of our own: case folding made "straße" and "strasse" one, so that whoever had a
    mailbox in the one domain signed in to accounts of the other. Their accounts are apart now."""
    victim = builders.person("Victim", "pat@strasse.example")
    sam = builders.person("Sam", "sam@people.example")
    for lookalike in ("pat@straße.example", "\u017fam@people.example", "pаt@strasse.example",
                      "sаm@people.example", "sam@pеople.example"):  # fmt: skip
        assert links.account_of(lookalike) not in (victim.id, sam.id), lookalike
    with Flask.app_context(web):  # the Kelvin sign, which folds to a letter: refused, not folded
        refused = web.test_client().post("/sign-in", data={"email": "\u212aay@people.example"})
    assert "before the @ stand unaccented letters" in refused.text
    work()
    assert mail.captured() == []
    assert by_link(web, "pat@xn--strae-oqa.example").status_code == 302
    assert links.account_of("pat@straße.example") not in (None, victim.id)


@pytest.mark.parametrize(
    "evasive",
    ["pat(c)@{}", '"pat"@{}', "pat@{}(c)", "x<pat@{}>", "pat@{}.", "PAT@{}", "a,pat@{}"],
)
def test_no_spelling_slips_past_a_requirement(web: Flask, evasive: str) -> None:
    """Finding of our own: an address with a comment or in brackets had no domain that could be
    looked up, and so a mailed link for a mailbox whose organization requires its provider."""
    org = required()
    builders.person("Inside", f"pat@{org.domain}")
    address = evasive.format(org.domain)
    with Flask.app_context(web):
        web.test_client().post("/sign-in", data={"email": address})
    work()
    assert not [m for m in mail.captured() if "/link/" in m.text]


def test_rows_hold_neither_address_nor_token(web: Flask) -> None:
    """What lies at the desk leads to no mailbox and confirms nothing; after the week it is gone."""
    actor = pat()
    changed(web, actor)
    lying = str(history.rows(address_changes.address_changes, address_rows)).casefold()
    assert "new.example" not in lying
    assert path_to(NEW).rpartition("/")[2].casefold() not in lying
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=True):
        work()
        assert history.rows(address_changes.address_changes)["address_changes"] == []


def test_the_copy_of_ones_data_says_what_was_asked(web: Flask) -> None:
    """The address that waits to be proven is the person's own typing, and in their file."""
    actor = pat()
    ask(web, actor, "/account/address", email=NEW)
    found = json.loads(ask(web, actor, "/account/data/export").text)
    assert found["account"]["change_of_address"]["to"] == NEW
    assert sessions.of(actor.id, "")
    assert ids.new("chg").startswith("chg_")
