"""The portal's API: what a person sees, for their own automation. Nothing here changes anything.

Each request brings a token of the automation's and a DPoP proof of its key (RFC 9449 section 7).
Rights are the person's at this moment, as for a page; the token's scopes narrow them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, jsonify, request

from portal.boards import applications, grants, organizations
from portal.extensions import csrf
from portal.guard import PUBLIC
from portal.identity import viewer
from portal.installation import settings
from portal.issuing import presented
from portal.issuing.errors import OAuthError
from portal.zones.api.zone import zone
from workflows.actors import Actor, Strength
from workflows.errors import NotAllowed, NotFound
from workflows.visibility import READERS

V = TypeVar("V", bound=Callable[..., Any])
_PAGE = 100


def _for(scope: str) -> Callable[[V], V]:
    """Let in the automation that proves itself and whose token holds `scope` ("" for any)."""

    def guarded(view: V) -> V:
        @wraps(view)
        def answered(**values: str) -> Response:
            try:
                actor = _actor(scope)
            except OAuthError as wrong:
                response = jsonify(error=wrong.error, error_description=wrong.description)
                response.status_code = wrong.status
                response.headers["WWW-Authenticate"] = wrong.challenge
                return response
            response = jsonify(view(actor, **values))
            response.headers["Cache-Control"] = "no-store"
            return response

        return csrf.exempt(answered)

    return guarded


def _actor(scope: str) -> Actor:
    proofs = [p.strip() for line in request.headers.getlist("DPoP") for p in line.split(",")]
    found = presented.automation(
        request.headers.get("Authorization", ""),
        proofs,
        request.method,
        settings().base_url + request.path,
    )
    if scope and scope not in found.scopes:
        raise OAuthError(
            "insufficient_scope",
            f"this takes the scope {scope}",
            status=403,
            challenge=f'DPoP error="insufficient_scope", scope="{scope}"',
        )
    return viewer.actor_of(found.account, Strength.LINK)


@zone.route_for("/me", PUBLIC, strength=Strength.NONE)
@_for("")
def me(actor: Actor) -> dict[str, Any]:
    names = organizations.names(actor.memberships)
    return {
        "account": actor.id,
        "staff_roles": sorted(actor.roles),
        "organizations": [
            {"id": org_id, "name": names[org_id], "roles": sorted(roles)}
            for org_id, roles in actor.memberships.items()
        ],
    }


@zone.route_for("/applications", PUBLIC, strength=Strength.NONE)
@_for("applications:read")
def list_applications(actor: Actor) -> dict[str, Any]:
    return {"applications": [_application(row) for row in applications.of_organizations(actor)]}


@zone.route_for("/applications/<application_id>", PUBLIC, strength=Strength.NONE)
@_for("applications:read")
def get_application(actor: Actor, application_id: str) -> dict[str, Any]:
    row = applications.get(application_id, actor)
    if not actor.applied(row.org_id, row.id):  # staff read cases on their own pages, on record
        raise NotFound("there is no such application")
    return _application(row)


def _application(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "organization": row.org_id,
        "program": row.program,
        "program_version": row.program_version,
        "tier": row.tier,
        "state": row.phase,
        "submitted_at": row.submitted_at,
        "promised_at": row.promised_at,
    }


@zone.route_for("/grants", PUBLIC, strength=Strength.NONE)
@_for("grants:read")
def list_grants(actor: Actor) -> dict[str, Any]:
    return {"grants": [_grant(row, actor) for row in grants.of_organizations(actor)]}


@zone.route_for("/grants/<grant_id>", PUBLIC, strength=Strength.NONE)
@_for("grants:read")
def get_grant(actor: Actor, grant_id: str) -> dict[str, Any]:
    row = grants.get(grant_id, actor)
    if not actor.applied(row.org_id, row.application):
        raise NotFound("there is no such grant")
    return _grant(row, actor)


def _grant(row: Any, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id,
        "organization": row.org_id,
        "application": row.application,
        "tier": row.tier,
        "scopes": json.loads(row.scopes),
        "state": row.status,
        "expires_at": row.expires_at,
        "credentials": [
            {"id": key.credential, "state": key.status, "registered_at": key.registered_at}
            for key in grants.credentials_of(row.id, actor)
        ],
    }


@zone.route_for("/cases", PUBLIC, strength=Strength.NONE)
@_for("cases:read")
def list_cases(actor: Actor) -> dict[str, Any]:
    """The open queue by promised date; `after` and `id` of the last one ask for the next page."""
    if not actor.roles & READERS:
        raise NotAllowed("only program staff have a queue of cases")
    after = (request.args.get("after", ""), request.args.get("id", ""))
    rows = applications.queue(
        actor, ("checking", "reviewing", "deciding"), after=after, limit=_PAGE
    )
    return {"cases": [_application(row) for row in rows]}
