"""Emergency power through the doors: told to all, shown to all, over at its time, reviewed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.boards import accounts, emergencies, grants
from portal.extensions import db
from portal.identity.viewer import actor_of
from portal.ledger import perform
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look, signed_in, visit
from workflows.account.commands.end_role import EndRole
from workflows.actors import Strength
from workflows.errors import NotAllowed
from workflows.grant.commands.suspend import Suspend

REASON = "Tokens of a stolen key are in use."


def work() -> None:
    while run.run_due():
        pass


def begun(web: Flask, people: builders.Staff, hours: int = 2) -> str:
    """Iris of intake asks, the auditor confirms; the id."""
    ask(web, people.intake, "/staff/emergency", hours=str(hours), reason=REASON)
    (row,) = emergencies.waiting()
    assert ask(web, people.auditor, f"/staff/emergency/{row.id}/confirm").status_code == 302
    return str(row.id)


def test_by_two_it_stops_a_grant_and_is_over_at_its_time(web: Flask) -> None:
    """Intake cannot suspend; asked for, still not; confirmed by another, yes; to resume never; and
    the very second at which its hours are up it opens nothing, before any clock has rung."""
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    iris, path = people.intake, f"/staff/grants/{grant}"
    form = {"reason": "credential_exposed"}
    assert ask(web, iris, f"{path}/suspend", **form).status_code == 403
    assert ask(web, iris, "/staff/emergency", hours="2", reason=REASON).status_code == 302
    (row,) = emergencies.waiting()
    assert ask(web, iris, f"{path}/suspend", **form).status_code == 403
    own = ask(web, iris, f"/staff/emergency/{row.id}/confirm")
    assert (own.status_code, own.get_json()["code"]) == (403, "second_person")
    assert f"{row.id}/confirm" not in look(web, iris, "/staff/emergency")
    assert f"{row.id}/confirm" in look(web, people.auditor, "/staff/emergency")
    assert ask(web, people.auditor, f"/staff/emergency/{row.id}/confirm").status_code == 302
    assert ask(web, iris, f"{path}/suspend", Strength.LINK, **form).status_code == 403
    assert ask(web, iris, f"{path}/suspend", **form).status_code == 302
    db.session.rollback()
    assert grants.get(grant, people.auditor).status == "suspended"
    assert ask(web, iris, f"{path}/resume").status_code == 403
    assert ask(web, people.auditor, f"{path}/revoke", reason="error").status_code == 403
    with time_machine.travel(clock.now() + timedelta(hours=2, seconds=1), tick=True):
        assert ask(web, iris, f"{path}/revoke", reason="error").status_code == 403
        work()
        db.session.rollback()
        assert [r.id for r in emergencies.unreviewed()] == [row.id]
        review = look(web, people.decider, f"/staff/emergency/{row.id}/review")
        assert f"The grant was suspended ({grant})" in review
    assert history.entries(row.id) == ["BreakGlassAsked", "BreakGlassBegan", "BreakGlassEnded"]


def test_its_holder_sees_the_staff_and_ends_a_role(web: Flask) -> None:
    """On the page where roles are ended, with the button and no other."""
    people = builders.staff()
    rae = people.reviewers[0]
    assert ask(web, people.intake, "/staff/people").status_code in (403, 405)
    begun(web, people)
    page = look(web, people.intake, "/staff/people")
    end = f"/staff/people/{rae.id}/reviewer/end"
    assert end in page
    assert "/staff/people/propose" not in page
    assert ask(web, people.intake, end).status_code == 302
    assert accounts.roles(rae.id) == frozenset()


def test_everybody_of_staff_is_told_and_sees_it(web: Flask) -> None:
    """Mail at each step to all of staff and to nobody else, without the reason in it; a banner on
    every page of theirs while it lasts, by whatever sign-in, and none for members."""
    people, org = builders.staff(), builders.organization()
    cora = builders.person("Cora", roles=("council",))
    work()
    before = len(mail.captured(500))
    emergency = begun(web, people)
    for who, path in ((people.developer, "/services/"), (cora, "/staff/council"),
                      (people.decider, "/staff/queue"), (people.intake, "/account")):  # fmt: skip
        page = look(web, who, path)
        assert "Iris Intake has it until" in page
    assert REASON in look(web, cora, "/staff/emergency")
    assert "Emergency power:" not in look(web, org.owner, "/defender")
    assert ask(web, cora, f"/staff/emergency/{emergency}/end").status_code == 302
    assert "has it until" not in look(web, cora, "/staff/council")
    work()
    sent = mail.captured(500)[: len(mail.captured(500)) - before]
    subjects = [m.subject for m in sent]
    for told in ("asks for emergency power", "has emergency power now", "has ended"):
        assert len([s for s in subjects if told in s]) == 9
    assert not any("stolen key" in m.text for m in sent)


def test_a_third_reviews_it_and_a_week_later_all_are_reminded(web: Flask) -> None:
    """The people page shows what waits; who had a part cannot review; the finding is read by all;
    the reminder goes out for one that nobody reviewed, and not for one that somebody did."""
    people = builders.staff()
    first = begun(web, people)
    ask(web, people.manager, f"/staff/emergency/{first}/end")
    page = look(web, people.manager, "/staff/people")
    assert "waits for its review" in page
    path = f"/staff/emergency/{first}/review"
    assert "Nothing: no grant" in look(web, people.decider, path)
    words = {"verdict": "justified", "finding": "The key was revoked in time."}
    for part in (people.intake, people.auditor):
        assert ask(web, part, path, **words).get_json()["code"] == "had_part"
    assert "Write down what you found" in ask(web, people.decider, path, verdict="justified").text
    assert ask(web, people.decider, path, **words).status_code == 302
    assert "The key was revoked in time." in look(web, people.intake, "/staff/emergency")
    assert "waits for its review" not in look(web, people.manager, "/staff/people")
    second = begun(web, people)
    ask(web, people.manager, f"/staff/emergency/{second}/end")
    work()
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=True):
        work()
    reminded = [m for m in mail.captured(500) if "waited a week" in m.subject]
    assert len(reminded) == 8


def test_it_goes_with_the_role_that_it_stands_on(web: Flask) -> None:
    """Who is of staff no more has no emergency power, also in a request that was under way."""
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    begun(web, people)
    db.session.rollback()
    under_way = actor_of(people.intake.id, Strength.PASSKEY)
    assert "emergency" in under_way.roles
    assert "emergency" not in actor_of(people.intake.id, Strength.LINK).roles
    perform(EndRole(people.intake.id, "intake"), people.manager)
    db.session.rollback()
    assert actor_of(people.intake.id, Strength.PASSKEY).roles == frozenset()
    with pytest.raises(NotAllowed):
        perform(Suspend(grant, "error"), under_way)


def test_the_only_one_of_staff_needs_nobody(web: Flask) -> None:
    """It begins at once, and the page says that there was nobody to ask."""
    ada = builders.person("Ada", roles=("administrator",))
    assert "Nobody else is of staff" in look(web, ada, "/staff/emergency")
    ask(web, ada, "/staff/emergency", hours="1", reason=REASON)
    db.session.rollback()
    assert [r.because for r in emergencies.lasting()] == ["nobody_else"]
    assert "nobody else was of staff" in look(web, ada, "/staff/emergency")
    builders.person("Mo", roles=("program_manager",))
    ask(web, ada, "/staff/emergency", hours="1", reason=REASON)
    assert len(emergencies.lasting()) == 1
    assert len(emergencies.waiting()) == 1


def test_what_is_wrong_is_said_beside_the_field(web: Flask) -> None:
    """No hours, five hours, no reason: the page comes back with what was typed; nothing is kept."""
    people = builders.staff()
    answer = ask(web, people.intake, "/staff/emergency", reason=REASON)
    assert "Choose for how long" in answer.text
    assert REASON in answer.text
    answer = ask(web, people.intake, "/staff/emergency", hours="5", reason=" ")
    assert "Say what is happening" in answer.text
    assert emergencies.latest() == []
    client = signed_in(web, people.intake)
    assert visit(web, client, "/staff/emergency/emg_none/confirm", "POST") == 404
    assert visit(web, client, "/staff/emergency/emg_none/review") == 404
