"""Tokens of ours that come back: introspection (RFC 7662) and revocation (RFC 7009)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from portal import clock
from portal.boards import automations, directories
from portal.boards.accounts import accounts
from portal.boards.grants import gates, grants
from portal.boards.services import services
from portal.desk.tables import issuances
from portal.extensions import db
from portal.installation import settings
from portal.issuing import clients, dpop, jwt, keyring, minting, records
from portal.issuing.errors import OAuthError
from portal.issuing.minting import INTROSPECT
from portal.ledger.database import writing

INACTIVE: dict[str, Any] = {"active": False}
_MEMBERS = ("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "org", "cnf",
            "authorization_details", "act")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Presented:
    """`account` is the automation's person, `scopes` what the token was made for."""

    account: str
    scopes: frozenset[str]


def _ours(token: str) -> dict[str, Any] | None:
    """The claims of a token that one of our published keys signed and that has not expired."""
    try:
        found = jwt.peek(token)
    except jwt.Malformed:
        return None
    key = keyring.public_keys().get(str(found.header.get("kid")))
    if key is None or found.header.get("typ") != "at+jwt":
        return None
    claims = jwt.verified(found, key, keyring.ALG)
    expires = jwt.whole_number(claims, "exp") if claims else None
    return claims if expires is not None and expires > clock.epoch() else None


def _recorded(connection: Connection, claims: dict[str, Any]) -> bool:
    """Whether the token's issuance is on record as it stands, and not revoked."""
    row = records.find(connection, str(claims.get("jti")))
    return row is not None and not row.revoked_at and json.loads(row.claims) == claims


def introspect(token: str, authorization: str, proofs: list[str], url: str) -> dict[str, Any]:
    """What the portal says of a token, to the service that it was made for.

    An unknown, foreign, expired, revoked or suspended token is `{"active": false}` and nothing
    else, as RFC 7662 section 2.2 asks.

    Raises:
        OAuthError: the asking service did not prove who it is (401).
    """
    asking, claims = _asking(authorization), _ours(token)  # reads before the transaction begins
    with writing() as connection:
        audience = _asking_service(connection, *asking, proofs, url)
    if claims is None or claims.get("aud") != audience:
        return INACTIVE
    with db.engine.connect() as connection:
        if not _recorded(connection, claims) or not _gate_open(connection, str(claims["sub"])):
            return INACTIVE
    return {"active": True, "token_type": "DPoP"} | {
        name: claims[name] for name in _MEMBERS if name in claims
    }


def _gate_open(connection: Connection, credential: str) -> bool:
    now = clock.now_iso()
    return (
        connection.execute(
            select(gates.c.credential)
            .join(grants, grants.c.id == gates.c.grant_id)
            .join(accounts, accounts.c.id == gates.c.registered_by)
            .where(
                gates.c.credential == credential,
                gates.c.status == "valid",
                grants.c.status == "active",
                accounts.c.phase == "open",  # whoever was erased answers for no key
                grants.c.expires_at > now,
            )
        ).scalar()
        is not None
    )


def _asking(authorization: str) -> tuple[str, dict[str, Any]]:
    """The token that authorizes the question (RFC 7662 section 2.1), with its claims."""
    scheme, _, token = authorization.partition(" ")
    claims = _ours(token.strip()) if scheme.lower() == "dpop" else None
    if claims is None:
        raise _unauthorized("invalid_token", "send a token of your own as Authorization: DPoP")
    return token.strip(), claims


def _asking_service(
    connection: Connection, token: str, claims: dict[str, Any], proofs: list[str], url: str
) -> str:
    """The audience of the service that the token and its proof belong to."""
    claims = _proven(connection, token, claims, proofs, "POST", url)
    audience = connection.execute(
        select(services.c.audience).where(
            services.c.id == claims.get("sub"), services.c.status == "approved"
        )
    ).scalar()
    right = claims.get("aud") == settings().base_url and claims.get("scope") == INTROSPECT
    if audience is None or not right:
        raise _unauthorized("invalid_token", "this token does not open introspection")
    return str(audience)


def automation(authorization: str, proofs: list[str], method: str, url: str) -> Presented:
    """Whose automation asks something of the portal's API, and for what its token is good.

    The key's row is read at each request: what was revoked a moment ago opens nothing.

    Raises:
        OAuthError: 401 with the challenge of RFC 9449 section 7.1.
    """
    asking = _asking(authorization)
    with writing() as connection:
        claims = _proven(connection, *asking, proofs, method, url)
        row = automations.live(connection, str(claims.get("sub")))
        if row is None or claims.get("aud") != minting.api():
            raise _unauthorized("invalid_token", "this token does not open the portal's API")
    return Presented(row.account, frozenset(str(claims["scope"]).split()))


def directory(authorization: str, proofs: list[str], method: str, url: str) -> tuple[str, str]:
    """Whose directory speaks by a token of its key: (client id, organization).

    Raises:
        OAuthError: 401 with the challenge of RFC 9449 section 7.1.
    """
    asking = _asking(authorization)
    with writing() as connection:
        claims = _proven(connection, *asking, proofs, method, url)
        row = directories.key(connection, str(claims.get("sub")))
        if row is None or claims.get("aud") != minting.scim():
            raise _unauthorized("invalid_token", "this token does not open the SCIM endpoint")
    return row.id, row.org_id


def _proven(
    connection: Connection,
    token: str,
    claims: dict[str, Any],
    proofs: list[str],
    method: str,
    url: str,
) -> dict[str, Any]:
    """The claims, once the token is on record and the request's proof is by the token's key."""
    try:
        jkt = dpop.check(connection, proofs, method, url, token=token)
    except OAuthError as wrong:
        raise _unauthorized(wrong.error, wrong.description) from None
    if claims.get("cnf") != {"jkt": jkt}:
        raise _unauthorized("invalid_token", "the proof is not by the key that the token names")
    if not _recorded(connection, claims):
        raise _unauthorized("invalid_token", "this token is not on record")
    return claims


def _unauthorized(error: str, description: str) -> OAuthError:
    challenge = f'DPoP error="{error}", algs="{" ".join(dpop.ALGS)}"'
    return OAuthError(error, description, status=401, challenge=challenge)


def revoke(form: Mapping[str, str]) -> None:
    """Revoke one token, asked for by the client that it was made for (RFC 7009 section 2.1).

    A token of somebody else, or none at all, changes nothing and answers alike.

    Raises:
        OAuthError: the client did not prove who it is.
    """
    claims = _ours(form.get("token", ""))  # reads before the transaction begins
    with writing() as connection:
        client = clients.authenticate(connection, form)
        if not form.get("token"):
            raise OAuthError("invalid_request", "name the token to revoke")
        if claims is None or claims.get("client_id") != client.id:
            return
        connection.execute(
            issuances.update()
            .where(issuances.c.jti == claims["jti"], issuances.c.revoked_at == "")
            .values(revoked_at=clock.now_iso())
        )
