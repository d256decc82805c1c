"""The people page: a role by two sign-ins, refused in words where it would take only one."""

from __future__ import annotations

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from portal import health, vault
from portal.boards import accounts
from portal.cli import main
from portal.extensions import db
from portal.installation import settings
from portal.ledger import perform
from portal.ledger.database import writing
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.people import ask, look, signed_in
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.remove_passkey import RemovePasskey
from workflows.words import STATUSES


def test_a_role_by_two_people_opens_its_pages_at_once(web: Flask) -> None:
    """Proposed by one, confirmed by another; the very next request of the new reviewer comes in,
    and none after the role's end."""
    one = builders.person("Ad Min", roles=("administrator",))
    two = builders.person("Mo Manager", roles=("program_manager",))
    new = builders.person("New Colleague", "new@staff.example")
    browser = signed_in(web, new)
    assert browser.get("/staff/queue").status_code == 403
    answer = ask(web, one, "/staff/people/propose", email="NEW@staff.example ", role="reviewer")
    assert answer.status_code == 302
    for page, button in (
        (look(web, one, "/staff/people"), 0),
        (look(web, two, "/staff/people"), 1),
    ):
        assert page.count("/reviewer/confirm") == button
    path = f"/staff/people/{new.id}/reviewer"
    assert ask(web, one, f"{path}/confirm").status_code == 403
    assert accounts.roles(new.id) == frozenset()
    assert ask(web, two, f"{path}/confirm").status_code == 302
    with Flask.app_context(web):
        assert browser.get("/staff/queue").status_code == 200
    assert ask(web, one, f"{path}/end").status_code == 302
    with Flask.app_context(web):
        assert browser.get("/staff/queue").status_code == 403
    while run.run_due():
        pass
    told = [m.subject for m in mail.captured() if m.to == "new@staff.example"]
    assert sorted(told) == [
        "A staff role of yours was ended", "You were given a staff role",
        "You were proposed for a staff role",
    ]  # fmt: skip


def test_what_cannot_be_proposed_is_said_beside_the_field(web: Flask) -> None:
    """An unknown address and an unknown role come back on the page, with what was typed."""
    one = builders.person("Ad Min", roles=("administrator",))
    answer = ask(web, one, "/staff/people/propose", email="nobody@staff.example", role="intake")
    assert answer.status_code == 200
    assert "Nobody has signed in with this address yet" in answer.text
    assert "nobody@staff.example" in answer.text
    answer = ask(web, one, "/staff/people/propose", email="nobody@staff.example", role="emperor")
    assert "There is a problem" in answer.text
    assert accounts.proposals(one) == []


def test_every_role_is_explained_where_it_is_given(web: Flask) -> None:
    """Beside each choice stands what the role does, and beside each person what theirs does."""
    one = builders.person("Ad Min", roles=("administrator",))
    page = look(web, one, "/staff/people")
    for role, words in STATUSES["staff_role"].items():
        assert f'value="{role}"' in page
        assert page.count(words.meaning) == (2 if role == "administrator" else 1)


def test_a_council_member_is_told_that_nothing_waits(web: Flask) -> None:
    """Their home says plainly that no power comes with the role yet, and no other page opens."""
    cora = builders.person("Cora", roles=("council",))
    with Flask.app_context(web):
        answer = signed_in(web, cora).get("/home")
    assert answer.headers["Location"] == "/staff/council"
    page = look(web, cora, "/staff/council")
    assert "no power comes with your role" in page
    for path in ("/staff/queue", "/staff/grants", "/staff/people", "/staff/ledger", "/services/"):
        with Flask.app_context(web):
            assert signed_in(web, cora).get(path).status_code in (403, 404), path


def test_the_shell_gives_no_such_role_to_a_synced_passkey(web: Flask) -> None:
    """`portal init` refuses it in words and gives the role once the passkey is gone; what is
    left from before the rule is found by the doctor, who names nobody."""
    init = lambda: CliRunner().invoke(  # noqa: E731
        main, ["--data", str(settings().data_dir), "init", "--administrator", "pat@staff.example"]
    )
    pat = builders.person("Pat", "pat@staff.example")
    for name, synced in (("c3luY2Vk", True), ("Ym91bmQ", False)):
        label = vault.put(pat.id, "Key")
        perform(AddPasskey(pat.id, name, "Y29zZQ", "00" * 16, synced, label), pat)
    done = init()
    assert done.exit_code == 2, done.output
    assert "synced passkey" in done.output
    assert "remove the synced one" in done.output
    assert accounts.roles(pat.id) == frozenset()
    perform(RemovePasskey(pat.id, "c3luY2Vk"), pat)
    assert health._staff_passkeys().state == "good"
    assert init().exit_code == 0
    db.session.rollback()
    assert accounts.roles(pat.id) == {"administrator"}
    db.session.rollback()
    with writing() as connection:
        connection.execute(update(accounts.passkeys).values(backup_eligible=1))
    found = health._staff_passkeys()
    assert (found.state, found.found[:2]) == ("bad", "1 ")
    assert "pat" not in found.found


def test_an_auditor_reads_and_changes_nothing(web: Flask) -> None:
    """The auditor sees who holds which role, and no button."""
    builders.person("Rae Viewer", roles=("reviewer",))
    page = look(web, builders.person("Aud", roles=("auditor",)), "/staff/people")
    assert "Rae Viewer" in page
    assert "/staff/people/" not in page
