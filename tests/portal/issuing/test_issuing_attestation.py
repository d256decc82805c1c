"""Keys for which nobody spoke: no token, and no token that was minted before is active."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import clock
from portal.boards.grants import gates
from portal.extensions import db
from portal.issuing import minting
from portal.issuing.errors import OAuthError
from portal.ledger import perform
from portal.ledger.tables import jobs
from portal.tasks import run
from tests import builders
from tests.portal.issuing.test_issuing_races import together
from tests.signing import API, ISSUER, Machine
from workflows.actors import Actor, robot
from workflows.attestation import GRACE
from workflows.errors import Conflict, NotAllowed
from workflows.grant.commands.attest_credential import AttestCredential
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.suspend import Suspend
from workflows.grant.commands.suspend_unattested import SuspendUnattested
from workflows.organization.commands import suspend_unattested as suspend_people
from workflows.organization.commands.attest_member import AttestMember


def work() -> None:
    while run.run_due():
        pass


def gate(credential: str) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(select(gates).where(gates.c.credential == credential)).one()


@contextmanager
def lapsed(credential: str) -> Iterator[None]:
    """Counted by the worker; then the moment at which the grace of its due has passed."""
    work()
    with time_machine.travel(clock.parse(gate(credential).attest_by) + GRACE, tick=True):
        yield


def refusal(machine: Machine, app: Any) -> str:
    answer = machine.ask(app)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    return str(answer.json["error_description"])


def test_a_key_that_nobody_spoke_for(either_world: Any) -> None:
    """Its tokens are inactive at the commit and it gets no other, until one word: then at once."""
    world, machine = either_world, either_world.workload
    owner = builders.again(world.org.owner)
    assert machine.token(world.app)
    with lapsed(machine.id):
        token = machine.token(world.app)  # the clock is late; what counts is its commit
        assert world.active(token)
        work()
        assert (gate(machine.id).status, gate(machine.id).reason) == ("suspended", "not_attested")
        assert not world.active(token)
        assert "its organization has to speak for it" in refusal(machine, world.app)
        work()
        perform(AttestCredential(world.grant, machine.id), owner)
        assert (gate(machine.id).status, gate(machine.id).reason) == ("valid", "")
        assert world.active(token)
        assert machine.token(world.app)


def test_a_key_goes_with_its_holder(either_world: Any) -> None:
    """An admin for whom nobody spoke: their key gets no token, also when somebody speaks for the
    key alone; with the word for the person it works again."""
    world = either_world
    admin = world.org.colleague("admin")
    machine = Machine(*builders.credential(world.org, world.grant, by=admin))
    owner = builders.again(world.org.owner)
    with lapsed(machine.id):
        token = machine.token(world.app)
        work()
        assert not world.active(token)
        perform(AttestCredential(world.grant, machine.id), owner)
        assert gate(machine.id).reason == "holder_suspended"
        assert refusal(machine, world.app)
        perform(AttestMember(world.org.id, admin.id), owner)
        assert machine.token(world.app)


def test_grant_and_key_are_suspended_each_for_itself(either_world: Any) -> None:
    """Resuming the grant gives back no key for which nobody spoke, and a word for the key gives
    it no token while the grant is suspended."""
    world, machine = either_world, either_world.workload
    second = Machine(*builders.credential(world.org, world.grant))
    owner = builders.again(world.org.owner)
    with lapsed(machine.id):
        perform(Suspend(world.grant, "under_investigation"), world.people.manager)
        work()
        perform(AttestCredential(world.grant, second.id), owner)
        assert gate(second.id).reason == gate(machine.id).reason == "under_investigation"
        assert refusal(second, world.app) == "the grant is suspended"
        perform(Resume(world.grant), world.people.manager)
        assert second.token(world.app)
        assert gate(machine.id).reason == "not_attested"
        assert refusal(machine, world.app)
        perform(AttestCredential(world.grant, machine.id), owner)
        assert machine.token(world.app)


def test_what_is_gone_is_not_suspended(world: Any) -> None:
    """The clock's work for a grant that was revoked is done, and changes nothing."""
    machine = world.workload
    with lapsed(machine.id):
        perform(Revoke(world.grant, "error"), world.people.manager)
        work()
        assert (gate(machine.id).status, gate(machine.id).not_attested) == ("invalid", "")
        with db.engine.connect() as connection:
            left = select(jobs.c.error).where(jobs.c.due <= clock.now_iso(), jobs.c.done_at == "")
            assert connection.execute(left).all() == []


def mint(machine: Machine) -> str:
    try:
        return minting.mint(
            machine.form(), [API], [machine.proof()], f"{ISSUER}/oauth/token"
        ).access_token
    except OAuthError:
        return ""


@pytest.mark.postgres
@pytest.mark.slow
def test_no_token_after_the_suspension_commits(postgres_world: Any) -> None:
    """While others mint, the clock suspends and an owner speaks: between the two, nothing."""
    world, machine = postgres_world, postgres_world.workload
    owner, hand = builders.again(world.org.owner), robot("clock")
    with lapsed(machine.id):
        done, between = threading.Event(), []

        def sway() -> None:
            perform(SuspendUnattested(world.grant), hand)
            before = world.issued()
            assert mint(machine) == ""
            between.append(world.issued() - before)
            perform(AttestCredential(world.grant, machine.id), owner)
            done.set()

        def keep_minting() -> None:
            while not done.is_set():
                mint(machine)

        together(world.app, [sway] + [keep_minting] * 4)
        assert between == [0]
        assert mint(machine)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_suspension_waits_for_a_mint_that_holds_the_gate(
    postgres_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that begins while a mint stands behind the gate commits only after it."""
    world, machine = postgres_world, postgres_world.workload
    inside, go, order = threading.Event(), threading.Event(), []
    write = minting.records.write

    def slowly(*arguments: Any, **more: Any) -> None:
        inside.set()
        go.wait(5)
        write(*arguments, **more)
        order.append("recorded")

    def suspend() -> None:
        inside.wait(10)
        perform(SuspendUnattested(world.grant), robot("clock"))
        order.append("suspended")

    def release() -> None:
        inside.wait(10)
        threading.Event().wait(0.5)
        order.append("released")
        go.set()

    with lapsed(machine.id):
        monkeypatch.setattr(minting.records, "write", slowly)
        together(world.app, [lambda: mint(machine), suspend, release])
    assert order == ["released", "recorded", "suspended"]


@pytest.mark.postgres
@pytest.mark.slow
def test_no_key_of_a_suspended_holder_is_open(postgres_world: Any) -> None:
    """Registering and suspension at one moment: whoever is first, no key of theirs is open."""
    world = postgres_world
    for _ in range(4):
        admin = world.org.colleague("admin")
        first, _ = builders.credential(world.org, world.grant, by=admin)
        with lapsed(first):
            race(world, admin)


def race(world: Any, admin: Actor) -> None:
    def register() -> None:
        with suppress(NotAllowed, Conflict):
            builders.credential(world.org, world.grant, by=admin)

    def suspend() -> None:
        perform(suspend_people.SuspendUnattested(world.org.id), robot("clock"))

    together(world.app, [register, suspend, register])
    with db.engine.connect() as connection:
        own = select(gates.c.status).where(gates.c.registered_by == admin.id)
        assert set(connection.execute(own).scalars()) == {"suspended"}
