"""At the same moment: no token after its revocation, no assertion twice."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.desk.tables import issuances
from portal.extensions import db
from portal.issuing import minting
from portal.issuing.errors import OAuthError
from portal.ledger import perform
from tests import builders, signing
from tests.signing import API, ISSUER, Machine
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend

SOAK = os.environ.get("PORTAL_SOAK") == "1"
ROUNDS = 1000 if SOAK else 8
THREADS = 16


def mint(machine: Machine, **changes: Any) -> str:
    """A token straight from the rule, "" when it refuses."""
    try:
        minted = minting.mint(
            machine.form(**changes), [API], [machine.proof()], f"{ISSUER}/oauth/token"
        )
    except OAuthError as refused:
        if refused.error != "invalid_client":
            raise
        return ""
    return minted.access_token


def together(app: Any, works: list[Callable[[], Any]]) -> list[Any]:
    """Run all at once, each with an application context of its own."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait(30)
            try:
                return work()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60 + ROUNDS) for future in [pool.submit(run, w) for w in works]]


def rows(client: str) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(select(issuances).where(issuances.c.client == client)))


def minted(client: str) -> int:
    """How many tokens are on record; counted, because a long race mints tens of thousands."""
    with db.engine.connect() as connection:
        query = select(func.count()).select_from(issuances).where(issuances.c.client == client)
        return connection.execute(query).scalar_one()


@pytest.mark.postgres
@pytest.mark.slow
def test_no_token_after_its_revocation(postgres_world: Any) -> None:
    """While 15 threads mint and one revokes, nothing is minted after the revocation returned, and
    nothing that was minted before it is active."""
    world = postgres_world
    own = world.service.token(world.app, resource=ISSUER)
    raced = 0
    for number in range(ROUNDS):
        if number and number % 15 == 0:
            own = world.service.token(world.app, resource=ISSUER)
        machine = Machine(*builders.credential(world.org, world.grant))
        gone = threading.Event()

        def revoke(who: str = machine.id, told: threading.Event = gone) -> None:
            perform(RevokeCredential(world.grant, who, "credential_exposed"), world.people.manager)
            told.set()

        def keep_minting(
            m: Machine = machine, told: threading.Event = gone
        ) -> list[tuple[bool, str]]:
            seen = []
            while not told.is_set():
                seen.append((False, mint(m)))
            seen.append((told.is_set(), mint(m)))
            return seen

        results = together(world.app, [revoke] + [keep_minting] * (THREADS - 1))
        made = [entry for result in results if result for entry in result]
        assert [token for late, token in made if late] == [""] * (THREADS - 1)
        tokens = [token for _, token in made if token]
        raced += bool(tokens) and any(not token for late, token in made if not late)
        recorded = rows(machine.id)
        assert sorted(signing.part(t, 1)["jti"] for t in tokens) == sorted(r.jti for r in recorded)
        for token in tokens[:3] + tokens[-3:]:
            answer = world.service.introspect(world.app, token, own)
            assert (answer.status_code, answer.json) == (200, {"active": False})
    assert raced  # the race was really run: some came in time, some too late


@pytest.mark.postgres
@pytest.mark.slow
def test_revocation_waits_for_a_mint_that_holds_the_gate(
    postgres_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation that begins while a mint stands behind the gate commits only after it."""
    world, machine = postgres_world, postgres_world.workload
    inside, go, order = threading.Event(), threading.Event(), []
    write = minting.records.write

    def slowly(*arguments: Any, **more: Any) -> None:
        inside.set()
        go.wait(5)
        write(*arguments, **more)
        order.append("recorded")

    def revoke() -> None:
        inside.wait(10)
        perform(
            RevokeCredential(world.grant, machine.id, "credential_exposed"), world.people.manager
        )
        order.append("revoked")

    def release() -> None:
        inside.wait(10)
        threading.Event().wait(0.5)
        order.append("released")
        go.set()

    monkeypatch.setattr(minting.records, "write", slowly)
    together(world.app, [lambda: mint(machine), revoke, release])
    assert order == ["released", "recorded", "revoked"]


@pytest.mark.postgres
@pytest.mark.slow
def test_suspend_and_resume_under_load(postgres_world: Any) -> None:
    """Minting while the grant is suspended and resumed never mints between the two."""
    world, machine = postgres_world, postgres_world.workload
    done, between = threading.Event(), []

    def sway() -> None:
        for _ in range(ROUNDS // 2):
            perform(Suspend(world.grant, "under_investigation"), world.people.manager)
            before = minted(machine.id)
            assert mint(machine) == ""
            between.append(minted(machine.id) - before)
            perform(Resume(world.grant), world.people.manager)
        done.set()

    def keep_minting() -> None:
        while not done.is_set():
            mint(machine)

    together(world.app, [sway] + [keep_minting] * 4)
    assert between == [0] * (ROUNDS // 2)
    assert mint(machine)


@pytest.mark.slow
def test_assertion_is_spent_once(either_world: Any) -> None:
    """Of 8 threads with one assertion each time exactly one gets a token."""
    world = either_world
    for number in range(1, 4):
        assertion = world.workload.assertion(jti=secrets.token_hex(8))
        tokens = together(
            world.app, [lambda a=assertion: mint(world.workload, client_assertion=a)] * 8
        )
        assert sum(map(bool, tokens)) == 1
        assert len(rows(world.workload.id)) == number


@pytest.mark.slow
def test_proof_is_spent_once(either_world: Any) -> None:
    """Of 8 threads that send one proof with assertions of their own exactly one gets a token."""
    world = either_world
    proof = world.workload.proof()
    answers = together(world.app, [lambda: world.workload.ask(world.app, proofs=[proof])] * 8)
    assert sorted(a.status_code for a in answers) == [200] + [400] * 7
    assert len(rows(world.workload.id)) == 1
    [row] = rows(world.workload.id)
    assert json.loads(row.claims)["cnf"] == {"jkt": world.workload.proof_key.thumbprint()}
