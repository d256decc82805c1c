"""The people page: a role by two sign-ins, refused in words where it would take only one."""

from __future__ import annotations

from flask import Flask

from portal.boards import accounts
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.people import ask, look, signed_in


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


def test_an_auditor_reads_and_changes_nothing(web: Flask) -> None:
    """The auditor sees who holds which role, and no button."""
    builders.person("Rae Viewer", roles=("reviewer",))
    page = look(web, builders.person("Aud", roles=("auditor",)), "/staff/people")
    assert "Rae Viewer" in page
    assert "/staff/people/" not in page
