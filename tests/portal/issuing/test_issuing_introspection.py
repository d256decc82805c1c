"""Introspection and revocation: who may ask, what they hear, and who may take a token away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import clock, ids
from portal.boards.grants import grants
from portal.desk.tables import issuances
from portal.extensions import db
from portal.issuing import public_keys
from portal.ledger import perform, store
from portal.ledger.database import writing
from portal.ledger.projection import project
from tests import builders, signing
from tests.signing import GONE, ISSUER, Machine, post
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.service.commands.register import Register
from workflows.service.commands.register_key import RegisterKey
from workflows.service.events import Retired

OFF = {"active": False}


def heard(world: Any, token: str, by: Machine | None = None) -> Any:
    answer = (by or world.service).introspect(world.app, token)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


def test_service_hears_all_about_its_own_token(either_world: Any) -> None:
    """The service that a token was made for hears its claims, and that it is bound to a key."""
    world = either_world
    token = world.workload.token(world.app)
    claims = signing.part(token, 1)
    assert heard(world, token) == {"active": True, "token_type": "DPoP"} | claims


def test_one_token_of_its_own_asks_many_times(still: Any) -> None:
    """A service's own token asks again and again, with a fresh proof for each question."""
    own = still.service.token(still.app, resource=ISSUER)
    token = still.workload.token(still.app)
    for _ in range(3):
        assert still.service.introspect(still.app, token, own).json["active"]
    again = still.service.proof("/oauth/introspect", token=own)
    assert still.service.introspect(still.app, token, own, proofs=[again]).status_code == 200
    assert still.service.introspect(still.app, token, own, proofs=[again]).status_code == 401


def test_other_audience_hears_nothing(still: Any) -> None:
    """Another service hears that the token is not active, and nothing else."""
    assert heard(still, still.workload.token(still.app), by=still.other) == OFF


@pytest.mark.parametrize(
    "token", ["", "garbage", "a.b.c", "é", "\x00", "a" * 9000, "eyJhbGciOiJub25lIn0.e30."]
)
def test_what_is_no_token_is_inactive(still: Any, token: str) -> None:
    """What is not one of our tokens is not active, and nothing else."""
    assert heard(still, token) == OFF


def test_no_token_parameter_is_inactive(still: Any) -> None:
    """A question without a token is answered like one about an unknown token."""
    own = still.service.token(still.app, resource=ISSUER)
    proof = still.service.proof("/oauth/introspect", token=own)
    answer = post(still.app, "introspect", {"a": "b"}, [proof], [("Authorization", f"DPoP {own}")])
    assert (answer.status_code, answer.json) == (200, OFF)


def test_own_token_of_a_service_is_inactive_for_it(still: Any) -> None:
    """A service's own token is made for the issuer, so no service hears of it."""
    own = still.service.token(still.app, resource=ISSUER)
    assert heard(still, own) == OFF


def test_expired_token_is_inactive(world: Any) -> None:
    """A token is active in its last second and not in the second of its exp."""
    token = world.workload.token(world.app)
    end = signing.part(token, 1)["exp"]
    with time_machine.travel(end - 1, tick=False):
        assert heard(world, token)["active"]
    with time_machine.travel(end, tick=False):
        assert heard(world, token) == OFF


def test_suspended_then_resumed(either_world: Any) -> None:
    """A suspended grant's token is inactive at the commit, and active again when resumed."""
    world = either_world
    token = world.workload.token(world.app)
    perform(Suspend(world.grant, "under_investigation"), world.people.manager)
    assert heard(world, token) == OFF
    perform(Resume(world.grant), world.people.manager)
    assert heard(world, token)["active"]


def test_revoked_grant_ends_its_tokens(either_world: Any) -> None:
    """A revoked grant's tokens are inactive at the commit."""
    world = either_world
    token = world.workload.token(world.app)
    perform(Revoke(world.grant, "terms_breached"), world.people.manager)
    assert heard(world, token) == OFF


def test_revoked_credential_ends_its_own_tokens(either_world: Any) -> None:
    """A revoked credential's tokens are inactive; those of the grant's other one stay."""
    world = either_world
    second = Machine(*builders.credential(world.org, world.grant))
    mine, its = world.workload.token(world.app), second.token(world.app)
    perform(
        RevokeCredential(world.grant, world.workload.id, "credential_exposed"),
        builders.again(world.org.owner),
    )
    assert heard(world, mine) == OFF
    assert heard(world, its)["active"]


def test_grant_past_its_end_is_inactive(world: Any) -> None:
    """At the grant's end its tokens are inactive though nobody recorded the end yet."""
    with db.engine.connect() as connection:
        text = connection.execute(
            select(grants.c.expires_at).where(grants.c.id == world.grant)
        ).scalar_one()
    end = clock.parse(text).timestamp()
    with time_machine.travel(end - 30, tick=False):
        token = world.workload.token(world.app)
        assert heard(world, token)["active"]
    with time_machine.travel(end + 0.01, tick=False):
        assert heard(world, token) == OFF


# ------------------------------------------------------------------------ who may ask
Ask = Callable[[Any, str], Any]


def own(world: Any) -> str:
    return str(world.service.token(world.app, resource=ISSUER))


def _other_key(world: Any, token: str) -> Any:
    mine = own(world)
    stranger = Machine(world.service.id, world.service.key)
    proof = stranger.proof("/oauth/introspect", token=mine)
    return world.service.introspect(world.app, token, mine, proofs=[proof])


def _with(path: str = "/oauth/introspect", **proof: Any) -> Ask:
    def ask(world: Any, token: str) -> Any:
        mine = own(world)
        made = world.service.proof(path, **({"token": mine} | proof))
        return world.service.introspect(world.app, token, mine, proofs=[made])

    return ask


ASKING: dict[str, tuple[str, str, Ask]] = {
    # name -> (error, words, question)
    "nothing at all": (
        "invalid_token", "send a token of your own",
        lambda w, t: post(w.app, "introspect", {"token": t}),
    ),
    "Bearer": (
        "invalid_token", "send a token of your own",
        lambda w, t: w.service.introspect(w.app, t, scheme="Bearer"),
    ),
    "Basic": (
        "invalid_token", "send a token of your own",
        lambda w, t: w.service.introspect(w.app, t, "YTpi", scheme="Basic", proofs=[]),
    ),
    "garbage": (
        "invalid_token", "send a token of your own",
        lambda w, t: w.service.introspect(w.app, t, "garbage"),
    ),
    "no proof": (
        "invalid_dpop_proof", "exactly one DPoP header",
        lambda w, t: w.service.introspect(w.app, t, proofs=[]),
    ),
    "proof without ath": ("invalid_dpop_proof", "ath of the proof", _with(ath=GONE)),
    "proof with another ath": ("invalid_dpop_proof", "ath of the proof", _with(token="other")),
    "ath beyond ASCII": ("invalid_dpop_proof", "ath of the proof", _with(ath="é")),
    "ath is a number": ("invalid_dpop_proof", "ath of the proof", _with(ath=1)),
    "proof for another endpoint": (
        "invalid_dpop_proof", "htu of the proof", _with(path="/oauth/token"),
    ),
    "proof for GET": ("invalid_dpop_proof", "htm of the proof", _with(htm="GET")),
    "proof by another key": ("invalid_token", "not by the key that the token names", _other_key),
    "a workload's token": (
        "invalid_token", "does not open introspection",
        lambda w, t: w.workload.introspect(w.app, t, w.workload.token(w.app)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKING)
def test_who_did_not_prove_who_they_are_hears_nothing(still: Any, name: str) -> None:
    """A question without a right token and proof is refused with a DPoP challenge."""
    error, words, ask = ASKING[name]
    answer = ask(still, still.workload.token(still.app))
    assert (answer.status_code, answer.json["error"]) == (401, error)
    assert words in answer.json["error_description"]
    assert set(answer.json) == {"error", "error_description"}
    assert answer.headers["WWW-Authenticate"] == (
        f'DPoP error="{error}", algs="ES256 PS256 EdDSA Ed25519"'
    )


def test_expired_token_of_its_own_asks_nothing(world: Any) -> None:
    """A service's own token asks nothing after it expired."""
    mine, token = own(world), world.workload.token(world.app)
    with time_machine.travel(signing.part(mine, 1)["exp"], tick=False):
        answer = world.service.introspect(world.app, token, mine)
    assert answer.status_code == 401


def test_retired_service_asks_nothing(world: Any) -> None:
    """A retired service gets no token, and the one that it has opens nothing."""
    mine, token = own(world), world.workload.token(world.app)
    retire(world.service.id)
    answer = world.service.introspect(world.app, token, mine)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
    refused = world.service.ask(world.app, resource=ISSUER)
    assert (refused.status_code, refused.json["error_description"]) == (
        401, "the client assertion does not verify",
    )  # fmt: skip
    gone = world.workload.ask(world.app)
    assert (gone.status_code, gone.json["error"]) == (400, "invalid_target")


def retire(service: str) -> None:
    """Append the event of a retirement; no command makes it yet."""
    with writing() as connection:
        read = {service: store.load(connection, service)}
        new = {service: (Retired("closed"),)}
        for envelope in store.append(
            connection, read, new, at=clock.now_iso(), actor="operator:tests"
        ):
            project(connection, envelope)


def test_unapproved_service_gets_no_token(world: Any) -> None:
    """A service with a key that nobody approved yet is no client."""
    service, key = ids.new("svc"), signing.generate()
    developer = world.people.developer
    perform(Register(service, "New", "https://new.example", builders.ASKED), developer)
    public = public_keys.from_members(key.as_dict(private=False))
    perform(RegisterKey(service, public.jkt, public.jwk), developer)
    answer = Machine(service, key).ask(world.app, resource=ISSUER)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert world.issued() == 0


# ------------------------------------------------------------------------ revocation
def revoked(jti: str) -> str:
    with db.engine.connect() as connection:
        query = select(issuances.c.revoked_at).where(issuances.c.jti == jti)
        return str(connection.execute(query).scalar_one())


def test_client_revokes_its_own_token(either_world: Any) -> None:
    """A token is inactive when its own client revoked it, and its other tokens are not."""
    world = either_world
    token, other = world.workload.token(world.app), world.workload.token(world.app)
    answer = world.workload.revoke(world.app, token, token_type_hint="access_token")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert heard(world, token) == OFF
    assert heard(world, other)["active"]


def test_second_revocation_keeps_the_first_time(world: Any) -> None:
    """Revoking twice answers alike and keeps the time of the first."""
    token = world.workload.token(world.app)
    world.workload.revoke(world.app, token)
    first = revoked(signing.part(token, 1)["jti"])
    assert world.workload.revoke(world.app, token).status_code == 200
    assert revoked(signing.part(token, 1)["jti"]) == first != ""


def test_another_client_revokes_nothing(either_world: Any) -> None:
    """Another credential of the same grant, or the service, changes nothing and hears 200."""
    world = either_world
    token = world.workload.token(world.app)
    second = Machine(*builders.credential(world.org, world.grant))
    for stranger in (second, world.service):
        assert stranger.revoke(world.app, token).status_code == 200
    assert heard(world, token)["active"]


def test_service_revokes_its_own_token(world: Any) -> None:
    """A service's revoked token of its own opens introspection no more."""
    mine, token = own(world), world.workload.token(world.app)
    assert world.service.revoke(world.app, mine).status_code == 200
    assert world.service.introspect(world.app, token, mine).status_code == 401
    assert heard(world, token)["active"]


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "\x00", "a" * 9000])
def test_revoking_what_is_no_token(still: Any, token: str) -> None:
    """Revoking what is no token of ours answers like a revocation."""
    answer = still.workload.revoke(still.app, token)
    assert (answer.status_code, answer.json) == (200, {})


def test_revoking_nothing(still: Any) -> None:
    """A revocation that names no token is told so."""
    answer = still.workload.revoke(still.app, "")
    assert (answer.status_code, answer.json) == (
        400, {"error": "invalid_request", "error_description": "name the token to revoke"},
    )  # fmt: skip


def test_revocation_needs_the_client(still: Any) -> None:
    """Without an assertion, or with one by another key, nothing is revoked."""
    token = still.workload.token(still.app)
    bare = post(still.app, "revoke", {"token": token})
    forged = still.workload.assertion(key=signing.generate())
    wrong = still.workload.revoke(still.app, token, client_assertion=forged)
    for answer in (bare, wrong):
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert heard(still, token)["active"]


def test_assertion_revokes_once(still: Any) -> None:
    """An assertion that got a token does not revoke one too."""
    assertion = still.workload.assertion()
    token = still.workload.token(still.app, client_assertion=assertion)
    answer = still.workload.revoke(still.app, token, client_assertion=assertion)
    assert answer.status_code == 401
    assert "was used before" in answer.json["error_description"]
    assert heard(still, token)["active"]


def test_credential_that_is_gone_may_still_revoke(world: Any) -> None:
    """A workload whose credential was revoked may still hand its tokens back."""
    token = world.workload.token(world.app)
    perform(
        RevokeCredential(world.grant, world.workload.id, "credential_exposed"),
        builders.again(world.org.owner),
    )
    assert world.workload.revoke(world.app, token).status_code == 200
    assert revoked(signing.part(token, 1)["jti"])
