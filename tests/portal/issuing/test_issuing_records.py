"""Record, then sign: what is not committed is not signed, and what is not on record is inactive."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from portal import clock
from portal.desk.tables import issuances
from portal.extensions import db
from portal.issuing import keyring, minting, records
from portal.ledger.database import writing
from tests import signing
from tests.signing import API, GONE, Machine, b64, compact, signing_kid


def only_record() -> Any:
    with db.engine.connect() as connection:
        [row] = connection.execute(select(issuances)).all()
    return row


def resigned(token: str, **changes: Any) -> str:
    """The token with other claims, signed by the issuer's own key."""
    header, claims = signing.part(token, 0), signing.part(token, 1)
    return compact(header, signing.changed(claims, changes), keyring.private_key(header["kid"]))


def test_unknown_record_is_not_signed(world: Any) -> None:
    """The signer raises for an id that nobody recorded."""
    with pytest.raises(LookupError, match="is not committed"):
        records.sign(records.new_jti())


def test_uncommitted_record_is_not_signed(either_world: Any) -> None:
    """The signer raises for a record that is written and not yet committed, and signs it after."""
    now = clock.epoch()
    claims = {"jti": records.new_jti(), "exp": now + 60, "iat": now}
    kid = signing_kid()
    with writing() as connection:
        records.write(connection, claims, client=either_world.workload.id, grant_id="", kid=kid)
        with pytest.raises(LookupError, match="is not committed"):
            records.sign(claims["jti"])
    assert signing.part(records.sign(claims["jti"]), 1) == claims


def test_signing_that_fails_leaves_a_record_and_no_token(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When signing fails after the commit, the record stands and nothing is handed out."""

    def broken(kid: str) -> Any:
        raise RuntimeError("the signer is gone")

    monkeypatch.setattr(keyring, "private_key", broken)
    machine = world.workload
    with pytest.raises(RuntimeError, match="the signer is gone"):
        minting.mint(machine.form(), [API], [machine.proof()], f"{machine.issuer}/oauth/token")
    assert only_record().client == machine.id


def test_record_that_fails_is_not_signed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When recording fails, the signer is never asked and the assertion is not spent."""
    asked: list[str] = []

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    machine, assertion = world.workload, world.workload.assertion()
    with monkeypatch.context() as patch:
        patch.setattr(records, "sign", asked.append)
        patch.setattr(records, "write", broken)
        with pytest.raises(RuntimeError, match="the disk is full"):
            minting.mint(
                machine.form(client_assertion=assertion),
                [API],
                [machine.proof()],
                f"{machine.issuer}/oauth/token",
            )
    assert (asked, world.issued()) == ([], 0)
    machine.token(world.app, client_assertion=assertion)


def test_stolen_key_opens_nothing(either_world: Any) -> None:
    """A token by the issuer's own key that was never recorded is inactive."""
    world = either_world
    token = world.workload.token(world.app)
    assert world.active(token)
    assert world.active(resigned(token))
    assert not world.active(resigned(token, jti=secrets.token_hex(16)))
    assert not world.active(resigned(token, jti=GONE))


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "code:review malware:analyze vuln:research"},
        {"exp": 1 << 39},
        {"org": "org_other"},
        {"cnf": {"jkt": "A" * 43}},
        {"cnf": GONE},
        {"authorization_details": []},
        {"admin": True},
    ],
    ids=lambda c: next(iter(c)),
)
def test_changed_claims_are_inactive(still: Any, changes: dict[str, Any]) -> None:
    """A recorded token whose claims were changed and signed again is inactive."""
    token = still.workload.token(still.app)
    assert not still.active(resigned(token, **changes))


def test_asking_token_must_be_on_record(still: Any) -> None:
    """A service's own token that was never recorded does not open introspection."""
    own = still.service.token(still.app, resource=still.service.issuer)
    forged = resigned(own, jti=secrets.token_hex(16))
    assert still.service.introspect(still.app, "x", forged).status_code == 401


def test_what_is_signed_is_the_record(world: Any) -> None:
    """The signer reads the claims from the record itself, wherever else they were."""
    token = world.workload.token(world.app)
    jti = signing.part(token, 1)["jti"]
    with writing() as connection:
        connection.execute(
            update(issuances).where(issuances.c.jti == jti).values(claims='{"jti":"other"}')
        )
    assert signing.part(records.sign(jti), 1) == {"jti": "other"}


def test_records_are_pruned_a_day_after_their_end(world: Any) -> None:
    """A record goes 24 hours after its token expired, and not before."""
    world.workload.token(world.app)
    end = only_record().expires
    with time_machine.travel(end + 24 * 3600, tick=False):
        assert records.prune() == 0
    with time_machine.travel(end + 24 * 3600 + 1, tick=False):
        assert records.prune() == 1
    assert world.issued() == 0


def test_header_of_the_record_decides_nothing(still: Any) -> None:
    """A token under another typ, alg or kid than its own is inactive."""
    token = still.workload.token(still.app)
    header, claims = signing.part(token, 0), signing.part(token, 1)
    key = keyring.private_key(header["kid"])
    for change in ({"typ": "JWT"}, {"typ": GONE}, {"kid": "other"}, {"kid": GONE}, {"alg": "none"}):
        assert not still.active(compact(signing.changed(header, change), claims, key)), change
    head, body, _ = token.split(".")
    secret = signing.hmac_of(b64(key.as_bytes()).encode(), f"{head}.{body}")
    assert not still.active(f"{head}.{body}.{secret}")
    assert not still.active(Machine(still.workload.id, still.workload.key).assertion())
    assert still.active(token)
