"""Who of the program's staff read what of one's organization."""

from __future__ import annotations

from flask import render_template, request, url_for

from portal.boards import applications, organizations
from portal.desk import access_records
from portal.guard import SIGNED_IN
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.errors import NotAllowed
from workflows.visibility import sees_read

_PAGE = 50
_MAY = frozenset({"owner", "admin", "security_contact"})


@zone.route_for("/organizations/<org_id>/reads", SIGNED_IN)
def reads(org_id: str) -> str:
    """By role, never by name; what would tell of a blind review comes once it is over."""
    viewer = check_own(org_id)
    if not viewer.memberships[org_id] & _MAY:
        raise NotAllowed("an owner, an admin or the security contact reads this")
    before = (request.args.get("before", ""), request.args.get("id", ""))
    rows = access_records.page(org_id=org_id, before=before, limit=_PAGE + 1)
    more = rows[_PAGE - 1] if len(rows) > _PAGE else None
    phases = {row.id: row.phase for row in applications.of_organizations(viewer)}
    return render_template(
        "defender/reads.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        rows=[r for r in rows[:_PAGE] if sees_read(r.purpose, phases.get(r.subject, ""))],
        next_href=url_for("defender.reads", org_id=org_id, before=more.at, id=more.id)
        if more
        else None,
    )
