"""Issuance records: committed first, and only a committed record is signed."""

from __future__ import annotations

import json
import secrets
from typing import Any

from joserfc import jws
from sqlalchemy import Connection, Row, delete, insert, select

from portal import clock
from portal.desk.tables import issuances
from portal.extensions import db
from portal.issuing import keyring
from portal.ledger.codec import canonical
from portal.ledger.database import writing


def new_jti() -> str:
    return secrets.token_hex(16)


def write(
    connection: Connection, claims: dict[str, Any], *, client: str, grant_id: str, kid: str
) -> None:
    """Add a record to the caller's transaction; `claims` are the whole token."""
    connection.execute(
        insert(issuances).values(
            jti=claims["jti"],
            client=client,
            grant_id=grant_id,
            kid=kid,
            claims=canonical(claims),
            expires=claims["exp"],
        )
    )


def find(connection: Connection, jti: str) -> Row[Any] | None:
    return connection.execute(select(issuances).where(issuances.c.jti == jti)).one_or_none()


def sign(jti: str) -> str:
    """The access token of a committed record, as a compact JWS with typ `at+jwt` (RFC 9068).

    The signer is handed an id and nothing else: it reads the claims itself on a connection of
    its own, so that what was not committed cannot be signed.

    Raises:
        LookupError: no such record is committed.
    """
    with db.engine.connect() as connection:
        row = find(connection, jti)
    if row is None:
        raise LookupError(f"issuance {jti} is not committed")
    header = {"typ": "at+jwt", "alg": keyring.ALG, "kid": row.kid}
    payload = json.dumps(json.loads(row.claims), separators=(",", ":"))
    return jws.serialize_compact(
        header, payload, keyring.private_key(row.kid), algorithms=[keyring.ALG]
    )


def prune(*, kept_hours: int = 24) -> int:
    """Remove records that expired long enough ago; how many."""
    before = clock.epoch() - kept_hours * 3600
    with writing() as connection:
        gone = connection.execute(delete(issuances).where(issuances.c.expires < before))
    return gone.rowcount
