"""Grants in the hands of program managers: suspend, give back, revoke."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import vault
from portal.boards import accounts, organizations, programs
from portal.boards import grants as board
from portal.ledger import perform, timeline
from portal.zones.staff.forms import GrantActionForm
from portal.zones.staff.reads import opened
from portal.zones.staff.zone import zone
from workflows.actors import Actor, Strength
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.suspend import Suspend
from workflows.vaulted import Vaulted
from workflows.visibility import GRANT_READERS, READERS
from workflows.words import STATUSES, describe

PASSKEY = Strength.PASSKEY
_PAGE = 50
_STOPS = ("program_manager", "emergency")


@zone.route_for("/grants", *GRANT_READERS, strength=PASSKEY)
def grants() -> str:
    viewer: Actor = current_user.actor
    status = request.args.get("status", "")
    before = (request.args.get("before", ""), request.args.get("id", ""))
    rows = board.for_staff(viewer, status, before=before, limit=_PAGE + 1)
    more = rows[_PAGE - 1] if len(rows) > _PAGE else None
    return render_template(
        "staff/grants.html",
        rows=rows[:_PAGE],
        names=organizations.names(r.org_id for r in rows),
        views=[
            {"label": "All", "href": url_for("staff.grants"), "current": not status},
            *(
                {
                    "label": word.label,
                    "href": url_for("staff.grants", status=key),
                    "current": key == status,
                }
                for key, word in STATUSES["grant"].items()
            ),
        ],
        next_href=url_for("staff.grants", status=status, before=more.opened_at, id=more.id)
        if more
        else None,
    )


@zone.route_for("/grants/<grant_id>", *GRANT_READERS, strength=PASSKEY)
def grant(grant_id: str) -> str:
    return _page(grant_id, GrantActionForm())


def _page(grant_id: str, form: GrantActionForm) -> str:
    viewer: Actor = current_user.actor
    row = board.get(grant_id, viewer)
    opened(row.org_id, "grant", grant_id)
    program = programs.by_version(row.program_version)
    held = json.loads(row.scopes)
    events = timeline.of(grant_id, viewer)
    people = accounts.names(e.actor for e in events)
    credentials = board.credentials_of(grant_id, viewer)
    return render_template(
        "staff/grant.html",
        row=row,
        tier=program.tier(row.tier),
        organization=organizations.names([row.org_id])[row.org_id],
        scopes=[s for s in program.scopes if s.id in held],
        credentials=credentials,
        labels=vault.texts(c.label_ref for c in credentials),
        form=form,
        may_act=bool(viewer.roles & set(_STOPS)),
        may_resume="program_manager" in viewer.roles,
        may_read_case=bool(viewer.roles & READERS),
        entries=[
            {"at": e.at, "who": people[e.actor], "what": describe(e.kind, e.event)}
            for e in reversed(events)
        ],
    )


def _act(grant_id: str, make: Any, done: str) -> str | Response:
    row = board.get(grant_id, current_user.actor)
    form = GrantActionForm()
    if not form.validate_on_submit():
        return _page(grant_id, form)
    text = (form.note.data or "").strip()
    note: Vaulted | None = vault.put(row.org_id, text) if text else None
    perform(make(form, note), current_user.actor)
    flash(done, "good")
    return redirect(url_for("staff.grant", grant_id=grant_id))


@zone.route_for("/grants/<grant_id>/suspend", *_STOPS, methods=("POST",), strength=PASSKEY)
def suspend(grant_id: str) -> str | Response:
    return _act(
        grant_id,
        lambda form, note: Suspend(grant_id, reason=form.reason.data, note=note),
        "Suspended. No token is minted from this moment on, and introspection refuses the rest.",
    )


@zone.route_for("/grants/<grant_id>/revoke", *_STOPS, methods=("POST",), strength=PASSKEY)
def revoke(grant_id: str) -> str | Response:
    return _act(
        grant_id,
        lambda form, note: Revoke(grant_id, reason=form.reason.data, note=note),
        "Revoked, with every key. No token is minted, and introspection refuses what is left.",
    )


@zone.route_for("/grants/<grant_id>/resume", "program_manager", methods=("POST",), strength=PASSKEY)
def resume(grant_id: str) -> Response:
    board.get(grant_id, current_user.actor)
    perform(Resume(grant_id), current_user.actor)
    flash("Given back. Its keys get tokens again.", "good")
    return redirect(url_for("staff.grant", grant_id=grant_id))
