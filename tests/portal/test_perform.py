"""The one writer: what it writes together, what it refuses, how it decides again."""

from __future__ import annotations

from flask import Flask

from portal.boards import applications, grants
from portal.ledger import verify
from portal.ledger.sequencer import place_all
from tests import builders


def test_the_whole_way_from_an_application_to_a_grant(either_app: Flask) -> None:
    """An application goes by commands from submission to a grant, on both databases."""
    people, org = builders.staff(), builders.organization()
    application = builders.submit(org)
    assert applications.get(application, people.auditor).phase == "checking"
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer)
    grant = builders.decide(
        application, people.decider, ("malware:analyze",), reasons=("scope_beyond_purpose",)
    )
    row = grants.get(grant, people.auditor)
    assert (row.status, row.scopes, row.application) == (
        "active",
        '["malware:analyze"]',
        application,
    )
    place_all()
    verdict = verify.verify()
    assert verdict.ok
    assert verdict.unplaced == 0
    assert verdict.entries == verdict.placed
