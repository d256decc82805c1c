"""The issuer's own keys: made, published, used, retired; private halves encrypted at rest."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from joserfc import jwk
from sqlalchemy import Connection, delete, insert, select

from portal import clock, ids
from portal.boards import signing_keys
from portal.desk.tables import private_keys
from portal.extensions import db
from portal.installation import installation
from portal.ledger import perform
from portal.ledger.database import writing
from portal.vault import envelope
from workflows.actors import Actor
from workflows.errors import NotFound, NotNow
from workflows.key.commands.activate import Activate
from workflows.key.commands.create import Create
from workflows.key.commands.destroy import Destroy
from workflows.key.commands.retire import Retire

ACCESS_TOKEN = "access_token"  # noqa: S105 - a purpose, not a secret
ALG = "ES256"
TOKEN_MOST_SECONDS = 300
SKEW_SECONDS = 60
PUBLISHED_BEFORE_USE_HOURS = 24


def create(actor: Actor, purpose: str = ACCESS_TOKEN) -> str:
    """Make a key pair, keep its private half encrypted, publish the other; returns the id."""
    key = jwk.ECKey.generate_key("P-256")
    kid = key.thumbprint()
    sealed = envelope.encrypt(_sealing_key(), json.dumps(key.as_dict(private=True)).encode(), kid)
    with writing() as connection:
        connection.execute(insert(private_keys).values(kid=kid, sealed=sealed))
    key_id = ids.new("key")
    public = {k: str(v) for k, v in key.as_dict(private=False).items() if k in "kty crv x y"}
    perform(Create(key_id, kid=kid, purpose=purpose, alg=ALG, jwk=public), actor)
    return key_id


def activate(key_id: str, actor: Actor, *, at_once: bool = False) -> None:
    """Let a pending key sign, and retire the one that did; their times overlap.

    Raises:
        NotNow: the key was published less than 24 hours ago, so that verifiers that cache keys
            may not know it, and `at_once` was not said.
    """
    keys = {row.id: row for row in signing_keys.every_key()}
    row = keys.get(key_id)
    if row is None:
        raise NotFound("there is no such key", remedy="`portal keys list` shows the ids")
    active = [k for k in keys.values() if k.status == "active" and k.purpose == row.purpose]
    young = row.since > clock.iso_in(hours=-PUBLISHED_BEFORE_USE_HOURS)
    if active and young and not at_once:
        raise NotNow(
            f"the key was published less than {PUBLISHED_BEFORE_USE_HOURS} hours ago",
            code="key_too_young",
            remedy="wait, or say --now when the active key is not to be used any longer",
        )
    perform(Activate(key_id), actor)
    until = clock.iso_in(seconds=TOKEN_MOST_SECONDS + SKEW_SECONDS)
    for former in active:
        perform(Retire(former.id, publish_until=until), actor)


def destroy(key_id: str, reason: str, actor: Actor) -> None:
    """Destroy a key's private half and unpublish it: every token of its own fails at once."""
    row = next((k for k in signing_keys.every_key() if k.id == key_id), None)
    if row is None:
        raise NotFound("there is no such key", remedy="`portal keys list` shows the ids")
    perform(Destroy(key_id, reason=reason), actor)
    with writing() as connection:
        connection.execute(delete(private_keys).where(private_keys.c.kid == row.kid))


def signing_kid(connection: Connection) -> str:
    """The kid of the key that signs access tokens now, read on the caller's connection: whoever
    held one and waited for a second could wait for ever when the pool is at its end.

    Raises:
        NotNow: there is none; nothing is issued.
    """
    keys = signing_keys.signing_keys
    kid = connection.execute(
        select(keys.c.kid)
        .where(keys.c.status == "active", keys.c.purpose == ACCESS_TOKEN)
        .order_by(keys.c.since.desc())
    ).scalar()
    if kid is not None:
        return str(kid)
    raise NotNow(
        "the issuer has no active key",
        code="no_signing_key",
        remedy="an operator runs `portal keys create` and `portal keys activate`",
    )


@lru_cache(maxsize=16)
def _private(kid: str, _wrapping_key: bytes) -> Any:
    with db.engine.connect() as connection:
        sealed = connection.execute(
            select(private_keys.c.sealed).where(private_keys.c.kid == kid)
        ).scalar_one()
    return jwk.import_key(json.loads(envelope.decrypt(_sealing_key(), sealed, kid)))


def private_key(kid: str) -> Any:
    """The private key of a kid, to sign a record that names it."""
    return _private(kid, installation().wrapping_key)


def _sealing_key() -> bytes:
    return envelope.derive(installation().wrapping_key, "signing-keys")


@lru_cache(maxsize=64)
def _public(jwk_text: str) -> Any:
    return jwk.import_key(json.loads(jwk_text))


def public_keys() -> dict[str, Any]:
    """kid -> public key of everything that is published, retired keys until their time is up."""
    now = clock.now_iso()
    return {
        row.kid: _public(row.jwk)
        for row in signing_keys.published()
        if row.status != "retiring" or row.publish_until > now
    }


def jwks() -> dict[str, Any]:
    """The JWK Set (RFC 7517 section 5) that verifiers fetch."""
    return {
        "keys": [
            {**key.as_dict(private=False), "kid": kid, "alg": ALG, "use": "sig"}
            for kid, key in public_keys().items()
        ]
    }
