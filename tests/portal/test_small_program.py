"""A small program: relaxed from the shell alone, told to all, said on its pages, and on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from click.testing import CliRunner
from flask import Flask

from portal import clock, health
from portal.boards import accounts, emergencies, recoveries, relaxations
from portal.cli import main
from portal.extensions import db
from portal.installation import settings
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look
from workflows.installation.small_program import RULES, STREAM
from workflows.words import STATUSES

WHY = "We are two until May."


def shell(*arguments: str) -> tuple[int, str]:
    data = str(settings().data_dir)
    done = CliRunner().invoke(main, ["--data", data, "small-program", *arguments])
    db.session.rollback()
    return done.exit_code, done.output


def allow(rule: str) -> None:
    status, said = shell("allow", rule, "--reason", WHY)
    assert status == 0, said


def notice(rule: str) -> str:
    meaning: str = STATUSES["relaxation"][rule].meaning
    return meaning


def test_it_is_off_and_the_shell_says_so(web: Flask) -> None:
    """Nothing is relaxed until somebody does it with a reason; wrong words end in words."""
    assert relaxations.relaxed() == []
    assert health._small_program().state == "good"
    status, said = shell()
    assert (status, said.count(": off")) == (0, len(RULES))
    assert shell("allow", "roles_by_one")[0] == 2
    assert shell("allow", "roles_by_one", "--reason", " ")[0] == 2
    assert shell("allow", "decider_reviews", "--reason", WHY)[0] == 2
    assert shell("end", "roles_by_one")[0] == 2
    assert history.entries(STREAM) == []


def test_what_is_relaxed_is_told_listed_and_ended(web: Flask) -> None:
    """Mail to all staff, a line of the doctor, the reason in the list, both events on record."""
    builders.person("Mo", "mo@staff.example", roles=("program_manager",))
    builders.person("Cora", "cora@staff.example", roles=("council",))
    allow("roles_by_one")
    assert WHY in shell()[1]
    assert health._small_program().found == "relaxed: roles_by_one"
    assert "find more people" in health._small_program().remedy
    builders.person("Ada", "ada@staff.example", roles=("administrator",))
    assert "enough people exist now" in health._small_program().remedy
    assert shell("end", "roles_by_one")[0] == 0
    assert relaxations.relaxed() == []
    while run.run_due():
        pass
    told = sorted((m.to, "relaxed a rule" in m.subject) for m in mail.captured()
                  if m.to.endswith("staff.example") and "small" in m.subject)  # fmt: skip
    assert {to for to, _ in told} == {f"{who}@staff.example" for who in ("ada", "cora", "mo")}
    assert history.entries(STREAM) == ["RuleRelaxed", "RuleRestored"]


def test_the_only_manager_gives_a_role_with_a_second_look(web: Flask) -> None:
    """Refused without the rule; with it a day must pass, the page then has the button and says
    why; a second keeper closes it again."""
    mo = builders.person("Mo", roles=("program_manager",))
    new = builders.person("New", "new@staff.example")
    other = builders.person("Other", "other@staff.example")
    for who in ("new", "other"):
        ask(web, mo, "/staff/people/propose", email=f"{who}@staff.example", role="intake")
    path = f"/staff/people/{new.id}/intake/confirm"
    assert ask(web, mo, path).get_json()["code"] == "second_person"
    assert notice("roles_by_one") not in look(web, mo, "/staff/people")
    allow("roles_by_one")
    assert ask(web, mo, path).get_json()["code"] == "second_look"
    page = look(web, mo, "/staff/people")
    assert notice("roles_by_one") in page
    assert path not in page
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=True):
        assert path in look(web, mo, "/staff/people")
        assert ask(web, mo, path).status_code == 302
        assert accounts.roles(new.id) == {"intake"}
        builders.person("Ada", roles=("administrator",))
        second = f"/staff/people/{other.id}/intake/confirm"
        assert second not in look(web, mo, "/staff/people")
        assert ask(web, mo, second).get_json()["code"] == "second_person"
    assert history.entries(new.id)[-2:] == ["RelaxationUsed", "RoleAppointed"]


def test_two_managers_recover_a_colleague(web: Flask) -> None:
    """Two with a common role are refused; by the rule they may, while no other two exist."""
    one, two = (builders.person(n, roles=("program_manager",)) for n in ("One", "Two"))
    lost = [builders.person(n, f"{n}@staff.example", roles=("reviewer",)) for n in ("rae", "rio")]
    for who in lost:
        ask(web, one, "/staff/people/recoveries", email=accounts.address(who.id) or "")

    def confirm(index: int) -> Any:
        return ask(web, two, f"/staff/people/{lost[index].id}/recovery/confirm")

    assert confirm(0).get_json()["code"] == "different_roles"
    allow("recovery_by_overlapping_staff")
    assert notice("recovery_by_overlapping_staff") in look(web, two, "/staff/people")
    assert confirm(0).status_code == 302
    assert recoveries.under_way(lost[0])[lost[0].id].due
    assert "RelaxationUsed" in history.entries(lost[0].id)
    builders.person("Ada", roles=("administrator",))
    assert confirm(1).get_json()["code"] == "different_roles"


def test_whoever_lost_their_way_in_is_not_counted(web: Flask) -> None:
    """The third keeper is the one who is locked out: two managers are all that there is."""
    one, two = (builders.person(n, roles=("program_manager",)) for n in ("One", "Two"))
    ada = builders.person("Ada", "ada@staff.example", roles=("administrator",))
    allow("recovery_by_overlapping_staff")
    ask(web, one, "/staff/people/recoveries", email="ada@staff.example")
    assert ask(web, two, f"/staff/people/{ada.id}/recovery/confirm").status_code == 302
    assert recoveries.under_way(ada)[ada.id].due


def test_one_of_two_takes_emergency_power(web: Flask) -> None:
    """By the rule it begins at once, the page says so before and after, and so does the record."""
    ada = builders.person("Ada", roles=("administrator",))
    builders.person("Mo", roles=("program_manager",))
    ask(web, ada, "/staff/emergency", hours="1", reason="Help.")
    assert emergencies.lasting() == []
    allow("emergency_by_one")
    page = look(web, ada, "/staff/emergency")
    assert notice("emergency_by_one") in page
    ask(web, ada, "/staff/emergency", hours="1", reason="Help.")
    assert [row.because for row in emergencies.lasting()] == ["emergency_by_one"]
    assert "a small program’s rule" in look(web, ada, "/staff/emergency")
