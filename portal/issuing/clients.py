"""Who asks for a token: a workload by its credential, or a service, by a signed assertion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc import jwk
from sqlalchemy import Connection, select

from portal import clock, ids
from portal.boards.automations import automations
from portal.boards.directories import directory_tokens
from portal.boards.grants import gates
from portal.boards.services import services
from portal.desk import replays
from portal.installation import settings
from portal.issuing import jwt, public_keys
from portal.issuing.errors import invalid_client
from portal.issuing.jwt import Unverified
from portal.issuing.public_keys import PublicKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_MOST_SECONDS = 300
SKEW_SECONDS = 30
_WRONG = "the client assertion does not verify"


@dataclass(frozen=True, slots=True)
class Client:
    """`kind` is "credential", "service", "automation" or "directory"; `id` is `cred_`, `svc_`,
    `aut_` or `dtk_...`."""

    id: str
    kind: str
    key: PublicKey


# By the algorithm that an assertion names: the kind of key that it takes.
_KEYS = {"ES256": ("EC", "P-256"), "PS256": ("RSA", 2048),
         "Ed25519": ("OKP", "Ed25519"), "EdDSA": ("OKP", "Ed25519")}  # fmt: skip


@cache
def _decoy(kind: str, size: str | int) -> str:
    """A public key of nobody's, as JSON."""
    made = jwk.generate_key(kind, size, private=True)  # type: ignore[call-overload]
    return json.dumps(made.as_dict(private=False))


def _signer(connection: Connection, client_id: str, assertion: Unverified) -> Client | None:
    """The client of this id, if the assertion is signed by its key.

    A signature is always checked: for an id that nobody has, and for a key of another kind than
    the assertion's, against the decoy. So the time does not tell which ids exist.
    """
    kind, text = _registered(connection, client_id)
    named = _KEYS.get(str(assertion.header.get("alg")))
    if named is None:
        return None
    decoy = _decoy(*named)
    own = json.loads(text or decoy)["kty"] == named[0] and text is not None
    key = public_keys.from_members(json.loads(text if own and text else decoy))
    holds = jwt.verified(assertion, public_keys.loaded(key), key.alg) is not None
    return Client(client_id, kind, key) if holds and own else None


def _registered(connection: Connection, client_id: str) -> tuple[str, str | None]:
    """Kind and key, as JSON, of a client in whatever state; no key when nobody has the id."""
    if ids.is_id(client_id, "cred"):
        text = connection.execute(
            select(gates.c.jwk).where(gates.c.credential == client_id)
        ).scalar()
        kind = "credential"
    elif ids.is_id(client_id, "svc"):
        text = connection.execute(
            select(services.c.jwk).where(
                services.c.id == client_id, services.c.status == "approved"
            )
        ).scalar()
        kind = "service"
    elif ids.is_id(client_id, "aut"):
        text = connection.execute(
            select(automations.c.jwk).where(automations.c.id == client_id)
        ).scalar()
        kind = "automation"
    elif ids.is_id(client_id, "dtk"):
        text = connection.execute(
            select(directory_tokens.c.jwk).where(directory_tokens.c.id == client_id)
        ).scalar()
        kind = "directory"
    else:
        return "", None
    return kind, text or None


def authenticate(connection: Connection, form: Mapping[str, str]) -> Client:
    """The client that signed `client_assertion` (RFC 7523 section 3, with the audience of
    draft-ietf-oauth-rfc7523bis: the issuer and nothing else).

    The assertion's `jti` is spent in the caller's transaction.

    Raises:
        OAuthError: `invalid_client`, naming the check that failed. An unknown client and a
            wrong signature answer in the same words.
    """
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_client(f"client_assertion_type must be {ASSERTION_TYPE}")
    try:
        assertion = jwt.peek(form.get("client_assertion", ""))
    except jwt.Malformed as malformed:
        raise invalid_client(f"the client assertion cannot be read: {malformed}") from None
    claims = assertion.unverified_claims
    client_id = claims.get("sub")
    if not isinstance(client_id, str) or claims.get("iss") != client_id:
        raise invalid_client("iss and sub of the client assertion must both be the client id")
    if form.get("client_id", client_id) != client_id:
        raise invalid_client("client_id is not the one of the client assertion")
    client = _signer(connection, client_id, assertion)
    if client is None:
        raise invalid_client(_WRONG)
    _check_claims(connection, client_id, claims)
    return client


def _check_claims(connection: Connection, client_id: str, claims: Mapping[str, Any]) -> None:
    now = clock.epoch()
    audience = claims.get("aud")
    if audience not in (settings().base_url, [settings().base_url]):
        raise invalid_client(f"aud of the client assertion must be {settings().base_url}")
    expires = jwt.whole_number(dict(claims), "exp")
    if expires is None or expires <= now - SKEW_SECONDS:
        raise invalid_client("the client assertion has expired or has no exp")
    if expires > now + ASSERTION_MOST_SECONDS + SKEW_SECONDS:
        raise invalid_client(f"exp must be at most {ASSERTION_MOST_SECONDS} seconds ahead")
    for name in ("iat", "nbf"):
        moment = jwt.whole_number(dict(claims), name)
        if (name in claims and moment is None) or (moment or 0) > now + SKEW_SECONDS:
            raise invalid_client(f"{name} of the client assertion lies in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise invalid_client("the client assertion needs a jti of 1 to 256 characters")
    if not replays.first_time(
        connection, "assertion", client_id, jti, expires=expires + SKEW_SECONDS
    ):
        raise invalid_client("the client assertion was used before; sign a new one each time")
