"""A role that ends at this moment: nothing is written with it, and no seat is left behind."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.boards import applications
from portal.extensions import db
from portal.ledger import perform
from portal.ledger.database import writing
from tests import builders
from tests.portal.ledger import history
from tests.portal.people import ask, look
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.erase import Erase
from workflows.actors import Actor, operator
from workflows.application.commands.take_seat import TakeSeat
from workflows.errors import NotAllowed, Refused


def seated(application: str) -> set[str]:
    db.session.rollback()
    seats = applications.seats
    with writing() as connection:
        rows = connection.execute(select(seats).where(seats.c.application == application)).all()
    return {row.reviewer for row in rows}


def test_a_case_whose_reviewer_went_goes_on(web: Flask) -> None:
    """Both seats are taken and one reviewer's role ends: the page offers the seat to a third, on
    whose word and the second's the case comes to its decision."""
    people, org = builders.staff(), builders.organization()
    one, two = people.reviewers
    third = builders.person("Rue Three", roles=("reviewer",))
    case = builders.submit(org)
    builders.pass_checks(case)
    path = f"/staff/applications/{case}"
    perform(TakeSeat(case, no_conflict=True), one)
    builders.review(case, two)
    full = ask(web, third, f"{path}/seat", no_conflict="y")
    assert full.get_json()["code"] == "seats_full"
    assert ask(web, people.manager, f"/staff/people/{one.id}/reviewer/end").status_code == 302
    assert seated(case) == {two.id}
    assert "became free" not in look(web, people.manager, path)
    assert ask(web, third, f"{path}/seat", no_conflict="y").status_code == 302
    builders.review(case, third)
    db.session.rollback()
    assert applications.get(case, people.auditor).phase == "deciding"
    assert "became free" in look(web, people.manager, path)


def test_an_erased_reviewer_leaves_no_seat(either_app: Flask) -> None:
    """On both databases, with every unspoken seat of theirs, and what they said stays."""
    people, org = builders.staff(), builders.organization()
    one, _ = people.reviewers
    open_cases = [builders.submit(org) for _ in range(3)]
    for case in open_cases:
        builders.pass_checks(case)
        perform(TakeSeat(case, no_conflict=True), one)
    builders.review(open_cases[2], one)
    perform(Erase(one.id, "asked"), operator("tests"))
    assert [seated(case) for case in open_cases] == [set(), set(), {one.id}]
    names = [history.entries(case)[-1] for case in open_cases]
    assert names == ["SeatVacated", "SeatVacated", "Reviewed"]


def test_a_role_that_ended_counts_for_nothing_more(app: Flask) -> None:
    """Whoever came in while they still held it and presses the button later writes nothing."""
    people, org = builders.staff(), builders.organization()
    case = builders.submit(org)
    builders.pass_checks(case)
    was = people.reviewers[0]
    perform(EndRole(was.id, "reviewer"), people.manager)
    with pytest.raises(NotAllowed):
        perform(TakeSeat(case, no_conflict=True), was)
    both = Actor(people.manager.id, frozenset({"program_manager", "reviewer"}),
                 strength=was.strength)  # fmt: skip
    with pytest.raises(NotAllowed):
        perform(TakeSeat(case, no_conflict=True), both)
    assert seated(case) == set()


def test_a_seat_is_taken_before_the_end_or_not_at_all(either_app: Flask) -> None:
    """At one moment a reviewer sits down and their role ends: whoever wins, no seat is left."""
    people, org = builders.staff(), builders.organization()
    for _ in range(5):
        rue = builders.person("Rue", roles=("reviewer",))
        case = builders.submit(org)
        builders.pass_checks(case)
        done = history.at_once(
            either_app,
            [
                lambda case=case, rue=rue: perform(TakeSeat(case, no_conflict=True), rue),
                lambda rue=rue: perform(EndRole(rue.id, "reviewer"), people.manager),
            ],
        )
        assert all(not isinstance(d, Exception) or isinstance(d, Refused) for d in done), done
        assert not isinstance(done[1], Exception)
        assert seated(case) == set()
