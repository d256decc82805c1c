"""Engagements: authorized work on named targets, between two days, by named people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import clock, ids, vault
from portal.boards import accounts, organizations, rooms
from portal.evidence import files
from portal.guard import SIGNED_IN
from portal.installation import settings
from portal.ledger import perform
from portal.zones.defender.evidence import attachment
from portal.zones.defender.forms import EngagementForm, FileForm
from portal.zones.defender.members import check_own
from portal.zones.defender.room_people import manages, people_of
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.engagement.commands.attach_document import AttachDocument
from workflows.engagement.commands.change import Change
from workflows.engagement.commands.close import Close
from workflows.engagement.commands.open import Open
from workflows.errors import Invalid, NotAllowed, NotFound


def engagement_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Engagements as lists show them: title, days, state, and whether it is documented."""
    kept = list(rows)
    titles = vault.texts(row.title_ref for row in kept)
    return [
        {
            "href": url_for("defender.engagement", engagement_id=row.id),
            "title": titles.get(row.title_ref, "[erased]"),
            "days": f"{row.starts_on} to {row.ends_on}",
            "state": state_of(row),
            "documented": bool(row.document_ref),
        }
        for row in kept
    ]


def state_of(row: Any) -> str:
    """By the days, in UTC: planned, running, over; closed when it was ended by hand."""
    today = clock.now().date()
    if row.phase == "closed":
        return "closed"
    if today < date.fromisoformat(row.starts_on):
        return "planned"
    return "running" if today <= date.fromisoformat(row.ends_on) else "over"


@zone.route_for("/organizations/<org_id>/engagements/new", SIGNED_IN, methods=("GET", "POST"))
def new_engagement(org_id: str) -> str | Response:
    viewer = check_own(org_id)
    form = EngagementForm(workspace=request.args.get("workspace", ""))
    own = rooms.workspaces_of(viewer, org_id)
    names = vault.texts(row.name_ref for row in own)
    form.workspace.choices = [
        SelectChoice("", "None"), *(SelectChoice(row.id, names[row.name_ref]) for row in own)
    ]  # fmt: skip
    refused: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            return _open(org_id, form, viewer)
        except Invalid as no:
            refused = no.fields
    return render_template(
        "defender/new_engagement.html",
        org_id=org_id,
        organization=organizations.names([org_id])[org_id],
        form=form,
        refused=refused,
    )


def _open(org_id: str, form: EngagementForm, viewer: Actor) -> Response:
    engagement_id = ids.new("eng")
    perform(
        Open(
            engagement_id,
            org_id,
            workspace=form.workspace.data or "",
            title=vault.put(org_id, (form.title.data or "").strip()),
            targets=vault.put(org_id, (form.targets.data or "").strip()),
            starts_on=_iso(form.starts_on.data),
            ends_on=_iso(form.ends_on.data),
        ),
        viewer,
    )
    flash("The engagement is set out. Attach its authorization next.", "good")
    return redirect(url_for("defender.engagement", engagement_id=engagement_id))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@zone.route_for("/engagements/<engagement_id>", SIGNED_IN)
def engagement(engagement_id: str) -> str:
    return _page(engagement_id, FileForm(formdata=None), {})


def _page(engagement_id: str, upload: FileForm, refused: dict[str, str]) -> str:
    viewer: Actor = current_user.actor
    row = rooms.get_engagement(engagement_id, viewer)
    people = rooms.people_in(engagement_id, viewer)
    targets = vault.text(row.targets_ref)
    change = EngagementForm(
        formdata=None, targets=targets,
        starts_on=date.fromisoformat(row.starts_on), ends_on=date.fromisoformat(row.ends_on),
    )  # fmt: skip
    return render_template(
        "defender/engagement.html",
        row=row,
        title=vault.text(row.title_ref),
        targets=targets,
        state=state_of(row),
        organization=organizations.names([row.org_id])[row.org_id],
        document=json.loads(vault.text(row.about_ref, "{}")) if row.about_ref else {},
        people=accounts.names(people),
        manages=manages(viewer, row.org_id) and row.phase == "open",
        belongs=row.org_id in viewer.memberships,
        change=change,
        upload=upload,
        refused=refused,
        kinds=files.WORDS,
        **people_of(viewer, row.org_id, people),
    )


@zone.route_for("/engagements/<engagement_id>/change", SIGNED_IN, methods=("POST",))
def change_engagement(engagement_id: str) -> str | Response:
    row = rooms.get_engagement(engagement_id, current_user.actor)
    form = EngagementForm()
    targets = vault.put(row.org_id, (form.targets.data or "").strip())
    days = (_iso(form.starts_on.data), _iso(form.ends_on.data))
    try:
        perform(Change(engagement_id, targets, *days), current_user.actor)
    except Invalid as no:
        return _page(engagement_id, FileForm(formdata=None), no.fields)
    flash("Changed. The authorization spoke of what was there before: attach a new one.", "warn")
    return redirect(url_for("defender.engagement", engagement_id=engagement_id))


@zone.route_for("/engagements/<engagement_id>/document", SIGNED_IN, methods=("POST",))
def attach_document(engagement_id: str) -> Response:
    """Keep the authorization, encrypted; the last one counts."""
    row = rooms.get_engagement(engagement_id, current_user.actor)
    if not manages(current_user.actor, row.org_id):
        raise NotAllowed("your role does not allow this")
    form = FileForm()
    if not form.validate_on_submit():
        return make_response(_page(engagement_id, form, {}), 422)
    content = form.file.data.read()
    try:
        kind = files.sniff(content, settings().upload_max_bytes)
    except Invalid as invalid:
        return make_response(_page(engagement_id, form, invalid.fields), 422)
    name = files.safe_name(form.file.data.filename or "")
    about = vault.put(row.org_id, json.dumps({"name": name, "type": kind.media_type}))
    kept = vault.put(row.org_id, content)
    perform(AttachDocument(engagement_id, kept, about), current_user.actor)
    flash("The authorization is attached.", "good")
    return redirect(url_for("defender.engagement", engagement_id=engagement_id))


@zone.route_for("/engagements/<engagement_id>/document/download", SIGNED_IN)
def download_document(engagement_id: str) -> Response:
    row = rooms.get_engagement(engagement_id, current_user.actor)
    if not row.document_ref:
        raise NotFound("no authorization is attached")
    about = json.loads(vault.text(row.about_ref, "{}"))
    return attachment(vault.read(row.document_ref), about.get("name", "authorization"))


@zone.route_for("/engagements/<engagement_id>/close", SIGNED_IN, methods=("POST",))
def close_engagement(engagement_id: str) -> Response:
    row = rooms.get_engagement(engagement_id, current_user.actor)
    perform(Close(engagement_id), current_user.actor)
    flash("The engagement is closed.", "good")
    return redirect(url_for("defender.workspaces", org_id=row.org_id))
