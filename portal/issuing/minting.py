"""The token endpoint's rule: who asks, for which service, for which scopes, under which grant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from portal import clock
from portal.boards import automations, directories, programs
from portal.boards.accounts import accounts
from portal.boards.grants import gates, grants
from portal.boards.services import services
from portal.desk import last_days
from portal.installation import settings
from portal.issuing import clients, dpop, keyring, records
from portal.issuing.clients import Client
from portal.issuing.errors import OAuthError, invalid_client
from portal.ledger.database import is_sqlite, writing
from portal.ledger.tables import streams

INTROSPECT = "introspect"
SCIM = "scim"  # what a directory's token is good for
# At most, of tokens that are for the portal itself.
OWN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Minted:
    """The token endpoint's success (RFC 6749 section 5.1)."""

    access_token: str
    expires_in: int
    scope: str

    def body(self) -> dict[str, Any]:
        return {
            "access_token": self.access_token,
            "token_type": "DPoP",
            "expires_in": self.expires_in,
            "scope": self.scope,
        }


def mint(form: Mapping[str, str], resources: list[str], proofs: list[str], url: str) -> Minted:
    """Authenticate, check, record, commit, and only then sign.

    Args:
        form: the request's parameters.
        resources: every `resource` parameter (RFC 8707); just one is right.
        proofs: every DPoP header.
        url: of the token endpoint, as the outside sees it.

    Raises:
        OAuthError: the RFC's code with a description that names the failing check.
    """
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
    with writing() as connection:
        client = clients.authenticate(connection, form)
        jkt = dpop.check(connection, proofs, "POST", url)
        if len(resources) != 1:
            raise OAuthError("invalid_target", "name exactly one resource: the service's audience")
        asked = tuple(dict.fromkeys(form.get("scope", "").split()))
        if client.kind == "service":
            claims, grant_id = _for_service(client, resources[0], asked), ""
        elif client.kind == "automation":
            claims, grant_id = _for_automation(connection, client, resources[0], asked), ""
        elif client.kind == "directory":
            claims, grant_id = _for_directory(connection, client, resources[0], asked), ""
        else:
            claims, grant_id = _for_credential(connection, client, resources[0], asked)
        kid = keyring.signing_kid(connection)
        claims = {**claims, "jti": records.new_jti(), "cnf": {"jkt": jkt}}
        records.write(connection, claims, client=client.id, grant_id=grant_id, kid=kid)
        if grant_id:
            last_days.note(connection, client.id)
    return Minted(records.sign(claims["jti"]), claims["exp"] - claims["iat"], claims["scope"])


def _base(client: Client, audience: str, seconds: int, scopes: tuple[str, ...]) -> dict[str, Any]:
    now = clock.epoch()
    return {
        "iss": settings().base_url,
        "sub": client.id,
        "client_id": client.id,
        "aud": audience,
        "iat": now,
        "exp": now + seconds,
        "scope": " ".join(scopes),
    }


def _for_service(client: Client, resource: str, asked: tuple[str, ...]) -> dict[str, Any]:
    """A service's own token, good for introspection here and for nothing else."""
    if resource != settings().base_url:
        raise OAuthError("invalid_target", f"a service asks for {settings().base_url} alone")
    if asked not in ((), (INTROSPECT,)):
        raise OAuthError("invalid_scope", f"a service may ask for {INTROSPECT} alone")
    return _base(client, resource, OWN_SECONDS, (INTROSPECT,))


def api() -> str:
    """The audience of the portal's own API."""
    return f"{settings().base_url}/api/v1"


def _for_automation(
    connection: Connection, client: Client, resource: str, asked: tuple[str, ...]
) -> dict[str, Any]:
    """A token for the portal's API, in the name of the automation's person."""
    row = automations.live(connection, client.id)
    if row is None:
        raise invalid_client("the key is not valid any more")
    if resource != api():
        raise OAuthError("invalid_target", f"an automation asks for {api()} alone")
    held = tuple(json.loads(row.scopes))
    scopes = asked or held
    if not set(scopes) <= set(held):
        raise OAuthError("invalid_scope", "the key was not registered for these scopes")
    return _base(client, resource, min(OWN_SECONDS, _seconds_until(row.expires_at)), scopes)


def _seconds_until(at: str) -> int:
    return int(clock.parse(at).timestamp()) - clock.epoch()


def scim() -> str:
    """The audience of the SCIM endpoint, and its base URL."""
    return f"{settings().base_url}/scim/v2"


def _for_directory(
    connection: Connection, client: Client, resource: str, asked: tuple[str, ...]
) -> dict[str, Any]:
    """A token for the SCIM endpoint, in the name of one organization's directory."""
    row = directories.key(connection, client.id)
    if row is None:
        raise invalid_client("the key is not valid any more")
    if resource != scim():
        raise OAuthError("invalid_target", f"a directory asks for {scim()} alone")
    if asked not in ((), (SCIM,)):
        raise OAuthError("invalid_scope", f"a directory may ask for {SCIM} alone")
    return _base(client, resource, min(OWN_SECONDS, _seconds_until(row.expires_at)), (SCIM,))


def _for_credential(
    connection: Connection, client: Client, resource: str, asked: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    gate = _open_gate(connection, client.id)
    service = connection.execute(
        select(services).where(
            # PostgreSQL refuses to compare with NUL, which no audience holds.
            services.c.audience == resource.replace("\x00", " "),
            services.c.status == "approved",
        )
    ).one_or_none()
    if service is None:
        raise OAuthError("invalid_target", "no approved service has this resource as its audience")
    program = programs.pinned(connection, gate.program_version)
    tier = program.tier(gate.tier)
    if tier is None:
        raise LookupError(f"grant {gate.grant_id} names no tier of its program")
    granted = tuple(s for s in json.loads(gate.scopes) if s in json.loads(service.scopes))
    scopes = asked or granted
    if not granted or not set(scopes) <= set(granted):
        raise OAuthError("invalid_scope", "the grant does not hold these scopes for this service")
    actions = [a for s in program.scopes if s.id in scopes for a in s.actions]
    seconds = min(tier.token_seconds, _seconds_until(gate.expires_at))
    claims = _base(client, resource, seconds, scopes)
    claims["org"] = gate.org_id
    claims["authorization_details"] = [
        {
            "type": "trusted_access",
            "locations": [resource],
            "actions": actions,
            "tier": tier.level,
            "grant_id": gate.grant_id,
            "grant_version": gate.version,
        }
    ]
    return claims, gate.grant_id


def _open_gate(connection: Connection, credential: str) -> Row[Any]:
    """The credential's gate row, share-locked: whatever takes access away waits for us, or we
    see what it did. So no token is minted after its revocation commits."""
    query = (
        select(gates, grants.c.scopes, grants.c.tier, grants.c.program_version,
               grants.c.expires_at, grants.c.status.label("grant_status"),
               accounts.c.phase.label("holder"),
               streams.c.seq.label("version"))
        .join(grants, grants.c.id == gates.c.grant_id)
        .join(streams, streams.c.id == gates.c.grant_id)
        .outerjoin(accounts, accounts.c.id == gates.c.registered_by)
        .where(gates.c.credential == credential)
    )  # fmt: skip
    if not is_sqlite(connection):
        query = query.with_for_update(read=True, of=gates)
    gate = connection.execute(query).one()
    if gate.grant_status == "suspended" and gate.status == "suspended":
        raise invalid_client("the grant is suspended")
    if gate.status == "suspended":
        raise invalid_client("the key is suspended: its organization has to speak for it")
    if gate.status != "valid" or gate.grant_status != "active" or gate.holder != "open":
        raise invalid_client("the credential is not valid any more")
    if gate.expires_at <= clock.now_iso():
        raise invalid_client("the grant has expired")
    return gate
