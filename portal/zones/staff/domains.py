"""Domains that two organizations want: whose they are, staff decide."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import domains, organizations
from portal.ledger import perform
from portal.zones.staff.zone import zone
from workflows.actors import Strength
from workflows.errors import NotFound
from workflows.organization.commands.dismiss_contest import DismissContest
from workflows.organization.commands.yield_domain import YieldDomain


@zone.route_for("/domains", "program_manager", "auditor", strength=Strength.PASSKEY)
def contested_domains() -> str:
    actor = current_user.actor
    rows = domains.contests(actor)
    named = {org for row in rows for org in (row.holder, row.challenger) if org}
    return render_template(
        "staff/domains.html",
        rows=rows,
        names=organizations.names(named),
        may_settle="program_manager" in actor.roles,
    )


@zone.route_for("/domains/settle", "program_manager", methods=("POST",), strength=Strength.PASSKEY)
def settle_domain() -> Response:
    """`winner` is the challenger's id, when the domain is to go over."""
    form, actor = request.form, current_user.actor
    asked = (form.get("domain"), form.get("challenger"))
    row = next((r for r in domains.contests(actor) if (r.domain, r.challenger) == asked), None)
    if row is None:
        raise NotFound("nobody contests this domain", remedy="a colleague may have settled it")
    if form.get("winner") == row.challenger:
        perform(YieldDomain(row.holder or row.challenger, row.domain, to=row.challenger), actor)
        flash(f"{row.domain} went over. Both organizations are told.", "good")
    else:
        perform(DismissContest(row.challenger, row.domain), actor)
        flash(f"{row.domain} stays where it is. Both organizations are told.", "good")
    return redirect(url_for("staff.contested_domains"))
