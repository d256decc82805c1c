"""Readings: on record before anything is shown, and shown to whom it belongs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.boards import accounts, applications
from portal.desk import access_records
from portal.extensions import db
from tests import builders
from tests.portal.people import ask, look, signed_in, visit


def kept(**about: str) -> list[tuple[str, str, str, int]]:
    return [(r.kind, r.subject, r.purpose, r.times) for r in access_records.page(**about)]


def test_each_role_reads_for_its_own_purpose(web: Flask) -> None:
    """Case, file and grant: who, what, of whom and what for, in the order that they came."""
    people, org = builders.staff(), builders.organization()
    grant, case = builders.grant(org, people), builders.submit(org)
    path = f"/staff/applications/{case}"
    for who in (people.reviewers[0], people.intake, people.manager, people.auditor):
        look(web, who, path)
    look(web, people.manager, f"/staff/grants/{grant}")
    look(web, people.decider, path)
    found = [(r.reader, r.purpose, r.kind) for r in reversed(access_records.page(org_id=org.id))]
    assert found == [
        (people.reviewers[0].id, "review", "application"),
        (people.intake.id, "checks", "application"),
        (people.manager.id, "oversight", "application"),
        (people.auditor.id, "audit", "application"),
        (people.manager.id, "oversight", "grant"),
        (people.decider.id, "decision", "application"),
    ]


def test_evidence_is_a_reading_of_its_own(web: Flask) -> None:
    """The download is recorded; a file that is not there, or a case that is not, is no reading."""
    people, org = builders.staff(), builders.organization()
    case = builders.submit(org)
    client = signed_in(web, people.auditor)
    question = applications.files_for_robot(case)[0].question
    assert visit(web, client, f"/staff/applications/{case}/files/{question}") == 200
    assert kept() == [("file", case, "audit", 1)]
    assert visit(web, client, "/staff/applications/app_none") == 404
    assert len(kept()) == 1


def test_what_cannot_be_recorded_is_not_shown(web: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the record's table gone the case stays closed, and says nothing of what is in it."""
    people, org = builders.staff(), builders.organization()
    case = builders.submit(org)
    web.config["PROPAGATE_EXCEPTIONS"] = False
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE access_records")
    client = signed_in(web, people.auditor)
    with Flask.app_context(web):
        answer = client.get(f"/staff/applications/{case}")
    assert answer.status_code == 500
    assert org.name not in answer.text


def test_the_same_again_is_counted_and_later_is_another(either_app: Flask) -> None:
    """Within ten minutes of the first one row counts; after that a new one begins."""
    for minutes in (0, 5, 9, 11):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=True):
            access_records.record("acc_1", "org_1", "grant", "gr_1", "audit")
    access_records.record("acc_2", "org_1", "grant", "gr_1", "audit")
    assert sorted(r[3] for r in kept(reader="acc_1")) == [1, 3]
    assert kept(reader="acc_2") == [("grant", "gr_1", "audit", 1)]


def test_the_organization_sees_roles_and_no_names(web: Flask) -> None:
    """Its owner sees that an auditor read; a plain member, a guest and others do not."""
    people, org = builders.staff(), builders.organization()
    other = builders.organization("Other", "other.example")
    case = builders.submit(org)
    path = f"/organizations/{org.id}/reads"
    assert "Nobody has read anything yet" in look(web, org.owner, path)
    look(web, people.auditor, f"/staff/applications/{case}")
    page = look(web, org.owner, path)
    assert "An auditor" in page
    assert accounts.names([people.auditor.id])[people.auditor.id] not in page
    assert people.auditor.id not in page
    assert visit(web, signed_in(web, org.colleague()), path) == 403
    assert visit(web, signed_in(web, org.colleague("security_contact")), path) == 200
    for stranger in (org.colleague("guest"), other.owner):
        assert visit(web, signed_in(web, stranger), path) == 404
    assert "Nobody has read anything yet" in look(
        web, other.owner, f"/organizations/{other.id}/reads"
    )


def test_a_blind_review_is_not_told_by_its_readings(web: Flask) -> None:
    """A reviewer's reading is shown only once all have spoken; others' at once."""
    people, org = builders.staff(), builders.organization()
    case = builders.submit(org)
    builders.pass_checks(case)
    for who in (people.reviewers[0], people.manager):
        look(web, who, f"/staff/applications/{case}")
    path = f"/organizations/{org.id}/reads"
    assert "A reviewer, to review" not in look(web, org.owner, path)
    assert "A program manager" in look(web, org.owner, path)
    for reviewer in people.reviewers:
        builders.review(case, reviewer)
    assert "A reviewer, to review" in look(web, org.owner, path)


def test_auditors_look_through_all_by_pages(web: Flask) -> None:
    """Filtered by reader and organization in the URL; older ones on the next page, none twice."""
    people, org = builders.staff(), builders.organization()
    for number in range(60):
        access_records.record(people.manager.id, org.id, "grant", f"gr_{number:03}", "oversight")
    first = look(web, people.auditor, f"/staff/reads?organization={org.id}")
    assert "Show all" in first
    after = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = look(web, people.auditor, after)
    pages = [p.count("Grant gr_") for p in (first, second)]
    assert pages == [50, 10]
    assert "Nothing was read" in look(web, people.auditor, "/staff/reads?reader=acc_none")
    assert ask(web, people.manager, "/staff/reads").status_code == 405
