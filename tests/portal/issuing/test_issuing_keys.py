"""The issuer's own keys: made, published, used, retired, destroyed; private halves sealed."""

from __future__ import annotations

import base64
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import clock, ids
from portal.boards import signing_keys
from portal.desk.tables import private_keys
from portal.extensions import db
from portal.issuing import keyring
from portal.ledger.database import writing
from portal.vault.envelope import VaultKeyInvalid
from tests import signing
from tests.signing import signing_kid
from workflows.actors import operator
from workflows.errors import NotFound, NotNow, Refused

OPERATOR = operator("tests")


def status() -> dict[str, str]:
    return {row.id: row.status for row in signing_keys.every_key()}


def active_id() -> str:
    [key] = [k for k, what in status().items() if what == "active"]
    return key


def kid_of(key_id: str) -> str:
    return next(str(row.kid) for row in signing_keys.every_key() if row.id == key_id)


def published(app: Flask) -> dict[str, dict[str, str]]:
    keys = app.test_client().get("/oauth/jwks.json").get_json(force=True)["keys"]
    return {key["kid"]: key for key in keys}


def test_founded_installation_has_one_active_key(app: Flask) -> None:
    """A fresh installation signs with one key, whose id is its RFC 7638 thumbprint."""
    kid = signing_kid()
    key = keyring.private_key(kid)
    assert status() == {active_id(): "active"}
    assert kid == key.thumbprint() == kid_of(active_id())


def test_pending_key_is_published_and_does_not_sign(world: Any) -> None:
    """A new key is published before its use, and the former one still signs."""
    former, new = active_id(), keyring.create(OPERATOR)
    assert status()[new] == "pending"
    assert set(published(world.app)) == {kid_of(former), kid_of(new)}
    assert signing.part(world.workload.token(world.app), 0)["kid"] == kid_of(former)


def test_young_key_waits_a_day(world: Any) -> None:
    """A key younger than 24 hours is refused, and one of that age retires the former."""
    former, new = active_id(), keyring.create(OPERATOR)
    with pytest.raises(NotNow) as refused:
        keyring.activate(new, OPERATOR)
    assert refused.value.code == "key_too_young"
    assert status() == {former: "active", new: "pending"}
    day = clock.epoch() + 24 * 3600
    with time_machine.travel(day - 60, tick=False), pytest.raises(NotNow):
        keyring.activate(new, OPERATOR)
    with time_machine.travel(day + 60, tick=False):
        keyring.activate(new, OPERATOR)
        assert status() == {former: "retiring", new: "active"}
        assert signing.part(world.workload.token(world.app), 0)["kid"] == kid_of(new)


def test_young_key_may_be_forced(app: Flask) -> None:
    """When the operator says so, a young key signs at once."""
    former, new = active_id(), keyring.create(OPERATOR)
    keyring.activate(new, OPERATOR, at_once=True)
    assert status() == {former: "retiring", new: "active"}
    assert signing_kid() == kid_of(new)


def test_retired_key_verifies_while_its_tokens_live(either_world: Any) -> None:
    """A retired key stays published for the longest lifetime and skew, then goes."""
    world, now = either_world, clock.epoch()
    former, new = active_id(), keyring.create(OPERATOR)
    with time_machine.travel(now, tick=False):
        token = world.workload.token(world.app)
        keyring.activate(new, OPERATOR, at_once=True)
        assert world.active(token)
        assert world.active(world.workload.token(world.app))
    with time_machine.travel(now + 299, tick=False):
        assert world.active(token)
    with time_machine.travel(now + 359, tick=False):
        assert set(published(world.app)) == {kid_of(former), kid_of(new)}
    with time_machine.travel(now + 361, tick=False):
        assert set(published(world.app)) == {kid_of(new)}


def test_unpublished_key_opens_nothing(world: Any) -> None:
    """A token by a retired key is inactive when the key's time is up, however long it says."""
    token = world.workload.token(world.app)
    kid = kid_of(active_id())
    keyring.activate(keyring.create(OPERATOR), OPERATOR, at_once=True)
    assert kid in keyring.public_keys()
    with time_machine.travel(clock.epoch() + 362, tick=False):
        assert kid not in keyring.public_keys()
        assert not world.active(token)


def test_destroyed_key_takes_its_tokens_along(either_world: Any) -> None:
    """Once a key is destroyed every token of its own is inactive and its private half is gone."""
    world, tainted = either_world, active_id()
    kid, token = kid_of(tainted), world.workload.token(world.app)
    keyring.activate(keyring.create(OPERATOR), OPERATOR, at_once=True)
    after = world.workload.token(world.app)
    keyring.destroy(tainted, "exposed", OPERATOR)
    assert kid not in published(world.app)
    assert not world.active(token)
    assert world.active(after)
    with db.engine.connect() as connection:
        assert kid not in connection.execute(select(private_keys.c.kid)).scalars().all()


def test_destroyed_key_stays_destroyed(app: Flask) -> None:
    """A destroyed key is never activated again, nor destroyed twice."""
    key = keyring.create(OPERATOR)
    keyring.destroy(key, "exposed", OPERATOR)
    for again in (
        lambda: keyring.activate(key, OPERATOR, at_once=True),
        lambda: keyring.destroy(key, "exposed", OPERATOR),
    ):
        with pytest.raises(Refused):
            again()
    assert status()[key] == "destroyed"


def test_unknown_key(app: Flask) -> None:
    """Commands about a key that is not there say so, with what shows the right ids."""
    for command in (
        lambda: keyring.activate(ids.new("key"), OPERATOR),
        lambda: keyring.destroy(ids.new("key"), "exposed", OPERATOR),
    ):
        with pytest.raises(NotFound) as refused:
            command()
        assert "portal keys list" in refused.value.remedy


def test_key_of_another_purpose_signs_no_access_token(app: Flask) -> None:
    """An active key of another purpose neither signs access tokens nor retires their key."""
    kid = signing_kid()
    other = keyring.create(OPERATOR, purpose="events")
    keyring.activate(other, OPERATOR)
    assert signing_kid() == kid
    assert sorted(status().values()) == ["active", "active"]


def test_key_set_has_public_members_alone(app: Flask) -> None:
    """The key set holds pending, active and retiring keys with their public members only."""
    first, second = active_id(), keyring.create(OPERATOR)
    keyring.activate(second, OPERATOR, at_once=True)
    third, gone = keyring.create(OPERATOR), keyring.create(OPERATOR)
    keyring.destroy(gone, "exposed", OPERATOR)
    assert status() == {first: "retiring", second: "active", third: "pending", gone: "destroyed"}
    keys = published(app)
    assert set(keys) == {kid_of(first), kid_of(second), kid_of(third)}
    for key in keys.values():
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")


def test_private_half_lies_nowhere_in_the_open(app: Flask, tmp_path: Path) -> None:
    """The private number of the key stands nowhere in the database, in no spelling."""
    kid = signing_kid()
    key = keyring.private_key(kid)
    number = key.as_dict(private=True)["d"]
    raw = base64.urlsafe_b64decode(number + "=")
    with sqlite3.connect(tmp_path / "portal.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        dump = "\n".join(connection.iterdump()).encode()
    connection.close()
    files = b"".join(path.read_bytes() for path in tmp_path.glob("portal.sqlite*"))
    for content in (dump, files):
        assert kid.encode() in content
        for spelling in (number.encode(), raw, raw.hex().encode(), raw.hex().upper().encode()):
            assert spelling not in content


def test_sealed_half_opens_for_its_own_kid_alone(app: Flask) -> None:
    """A sealed private half put under another kid does not open."""
    first, second = active_id(), keyring.create(OPERATOR)
    with writing() as connection:
        sealed = connection.execute(
            select(private_keys.c.sealed).where(private_keys.c.kid == kid_of(first))
        ).scalar_one()
        connection.execute(
            update(private_keys).where(private_keys.c.kid == kid_of(second)).values(sealed=sealed)
        )
    with pytest.raises(VaultKeyInvalid):
        keyring.private_key(kid_of(second))
