"""A grant as its organization sees it."""

from __future__ import annotations

import json
from typing import Any

from flask import render_template
from flask_login import current_user

from portal import vault
from portal.boards import grants, organizations, programs, services
from portal.guard import SIGNED_IN
from portal.ledger import timeline
from portal.zones.defender.zone import zone
from workflows.errors import NotFound
from workflows.words import describe


def own_grant(grant_id: str) -> Any:
    row = grants.get(grant_id, current_user.actor)
    if not current_user.actor.applied(row.org_id, row.application):
        raise NotFound("there is no such grant")
    return row


def reachable_services(scopes: list[str]) -> list[dict[str, Any]]:
    """Approved services that honor one of these scopes, with the scopes that they share."""
    found = []
    for row in services.approved():
        shared = [s for s in scopes if s in json.loads(row.scopes)]
        if shared:
            found.append({"name": row.name, "audience": row.audience, "scopes": shared})
    return found


@zone.route_for("/grants/<grant_id>", SIGNED_IN)
def grant(grant_id: str) -> str:
    row = own_grant(grant_id)
    viewer = current_user.actor
    program = programs.by_version(row.program_version)
    held = json.loads(row.scopes)
    credentials = grants.credentials_of(grant_id, viewer)
    return render_template(
        "defender/grant.html",
        row=row,
        belongs=row.org_id in viewer.memberships,
        tier=program.tier(row.tier),
        program=program,
        organization=organizations.names([row.org_id])[row.org_id],
        scopes=[s for s in program.scopes if s.id in held],
        credentials=credentials,
        labels=vault.texts(c.label_ref for c in credentials),
        services=reachable_services(held),
        may_register=bool(viewer.memberships.get(row.org_id, frozenset()) & {"owner", "admin"}),
        entries=[
            {"at": e.at, "what": describe(e.kind, e.event)}
            for e in reversed(timeline.of(grant_id, viewer))
        ],
    )
