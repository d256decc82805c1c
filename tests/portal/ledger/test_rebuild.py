"""Boards say nothing of their own: emptied and fed from the ledger again, they are the same."""

from __future__ import annotations

import random
import threading

import pytest
from flask import Flask

from portal import clock, vault
from portal.boards import accounts, applications, grants
from portal.extensions import db
from portal.ledger import perform, projection, verify
from portal.ledger.rebuild import rebuild
from tests import builders
from tests.portal.ledger import history
from workflows.account.commands.erase import Erase
from workflows.actors import operator, robot
from workflows.errors import Conflict
from workflows.grant.commands.revoke import Revoke
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.drop_domain import DropDomain
from workflows.organization.commands.verify_domain import VerifyDomain


def test_rebuilt_boards_equal_live_boards(either_app: Flask) -> None:
    """After a rich history every row of every board comes back to the letter, on both databases."""
    history.rich()
    live = history.rows(*projection.tables())
    assert all(live.values()), [name for name, rows in live.items() if not rows]
    ledger = history.written()["events"]
    assert rebuild() == ledger
    assert history.rows(*projection.tables()) == live


def test_every_phase_and_status_is_in_the_history(app: Flask) -> None:
    """The history that the boards are compared on reaches every phase, status and standing."""
    history.rich()
    found = history.rows(applications.applications, grants.grants, applications.seats)
    assert {row[6] for row in found["applications"]} == {
        "checking", "reviewing", "deciding", "approved", "denied", "withdrawn",
    }  # fmt: skip
    assert {row[7] for row in found["grants"]} == {"active", "suspended", "revoked", "expired"}
    assert {row[2] for row in found["seats"]} == {"seated", "recused"}


def test_streams_may_come_in_any_order(app: Flask) -> None:
    """Fed with its streams shuffled, each board ends in the same rows as when it was written."""
    history.rich()
    live = history.rows(*projection.tables())
    for seed in range(6):
        rebuild(shuffle=random.Random(seed))
        assert history.rows(*projection.tables()) == live, f"seed {seed}"


def test_rebuilt_boards_equal_live_boards_after_an_erasure(either_app: Flask) -> None:
    """Boards hold references and no text, so a person's erasure changes nothing in a rebuild."""
    made = history.rich()
    person = made.org.owner.id
    vault.erase(person)
    perform(Erase(person, "asked for"), operator("tests"))
    live = history.rows(*projection.tables())
    rebuild()
    assert history.rows(*projection.tables()) == live
    assert accounts.address(person) is None
    assert accounts.names([person]) == {person: "Someone who was erased"}
    assert verify.verify().ok


def test_a_domain_that_changed_hands_is_fed_in_any_order(either_app: Flask) -> None:
    """A domain proven by one organization, given up and then proven by another rebuilds."""
    one, two = builders.organization(), builders.organization("Other CERT")
    perform(VerifyDomain(one.id, one.domain, one.token, clock.now_iso()), robot("dns"))
    perform(DropDomain(one.id, one.domain), one.owner)
    perform(VerifyDomain(two.id, two.domain, two.token, clock.now_iso()), robot("dns"))
    live = history.rows(*projection.tables())
    for seed in range(4):
        rebuild(shuffle=random.Random(seed))
        assert history.rows(*projection.tables()) == live, f"seed {seed}"
    perform(ClaimDomain(one.id, one.domain, "ta-third", clock.iso_in(days=14)), one.owner)
    with pytest.raises(Conflict):
        perform(VerifyDomain(one.id, one.domain, "ta-third", clock.now_iso()), robot("dns"))


def test_a_revocation_during_a_rebuild_is_not_lost(either_app: Flask) -> None:
    """A grant revoked while boards are rebuilt is revoked on the boards when both are done."""
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    credential, _ = builders.credential(org, grant)

    def revoke() -> None:
        with either_app.app_context():
            perform(Revoke(grant, "credential_exposed"), people.manager)

    thread = threading.Thread(target=revoke)

    def midway(done: int, whole: int) -> None:
        if done == whole:
            thread.start()
            thread.join(0.5)

    rebuild(midway)
    thread.join(30)
    db.session.rollback()
    assert history.entries(grant)[-1] == "Revoked"
    assert grants.credential(credential, people.manager).status == "invalid"
    live = history.rows(*projection.tables())
    rebuild()
    assert history.rows(*projection.tables()) == live


def test_a_rebuild_that_fails_leaves_the_boards_as_they_were(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emptying and feeding is one transaction: a projector that breaks takes nothing away."""
    history.rich()
    live = history.rows(*projection.tables())

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("portal.ledger.rebuild.projection.project", broken)
    with pytest.raises(RuntimeError):
        rebuild()
    assert history.rows(*projection.tables()) == live
