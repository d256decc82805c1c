"""Readings: put on record before anything is shown, and looked through by auditors."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from portal.boards import accounts, organizations
from portal.desk import access_records
from portal.zones.staff.zone import zone
from workflows.actors import Strength
from workflows.visibility import purpose_of

_PAGE = 50


def opened(org_id: str, kind: str, subject: str) -> None:
    """The signed-in member of staff is about to be shown this."""
    actor = current_user.actor
    access_records.record(actor.id, org_id, kind, subject, purpose_of(actor.roles))


@zone.route_for("/reads", "auditor", "program_manager", strength=Strength.PASSKEY)
def reads() -> str:
    wanted = {"org_id": request.args.get("organization", ""),
              "reader": request.args.get("reader", "")}  # fmt: skip
    before = (request.args.get("before", ""), request.args.get("id", ""))
    rows = access_records.page(**wanted, before=before, limit=_PAGE + 1)
    more = rows[_PAGE - 1] if len(rows) > _PAGE else None
    kept: dict[str, Any] = {"organization": wanted["org_id"] or None,
                            "reader": wanted["reader"] or None}  # fmt: skip
    return render_template(
        "staff/reads.html",
        rows=rows[:_PAGE],
        people=accounts.names(row.reader for row in rows),
        names=organizations.names(row.org_id for row in rows),
        narrowed=any(wanted.values()),
        next_href=url_for("staff.reads", **kept, before=more.at, id=more.id) if more else None,
    )
