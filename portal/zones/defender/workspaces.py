"""Workspaces: rooms that show their people some of an organization's applications."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import ids, vault
from portal.boards import accounts, applications, organizations, programs, rooms
from portal.desk import drafts
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.engagements import engagement_rows
from portal.zones.defender.forms import WorkspaceForm
from portal.zones.defender.members import check_own
from portal.zones.defender.room_people import manages, people_of
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.workspace.commands.close import Close
from workflows.workspace.commands.open import Open
from workflows.workspace.commands.place_application import PlaceApplication
from workflows.workspace.commands.take_out_application import TakeOutApplication


@zone.route_for("/organizations/<org_id>/workspaces", SIGNED_IN, methods=("GET", "POST"))
def workspaces(org_id: str) -> str | Response:
    """Workspaces and engagements of an organization, and making a workspace."""
    viewer = check_own(org_id)
    form = WorkspaceForm()
    if form.validate_on_submit():
        workspace_id = ids.new("ws")
        name = vault.put(org_id, (form.name.data or "").strip())
        perform(Open(workspace_id, org_id, name), viewer)
        flash("The workspace is there. Say who is in it and what it shows.", "good")
        return redirect(url_for("defender.workspace", workspace_id=workspace_id))
    rows = rooms.workspaces_of(viewer, org_id)
    return render_template(
        "defender/workspaces.html",
        org_id=org_id,
        organization=organizations.names([org_id])[org_id],
        rows=rows,
        names=vault.texts(row.name_ref for row in rows),
        engagements=engagement_rows(rooms.engagements_of(viewer, org_id)),
        form=form,
        manages=manages(viewer, org_id),
    )


@zone.route_for("/workspaces/<workspace_id>", SIGNED_IN)
def workspace(workspace_id: str) -> str:
    viewer: Actor = current_user.actor
    row = rooms.get_workspace(workspace_id, viewer)
    inside = set(rooms.applications_in(workspace_id, viewer))
    mine = _applications(viewer, row.org_id)
    people = rooms.people_in(workspace_id, viewer)
    return render_template(
        "defender/workspace.html",
        row=row,
        organization=organizations.names([row.org_id])[row.org_id],
        name=vault.text(row.name_ref),
        inside=[a for a in mine if a["id"] in inside],
        outside=[a for a in mine if a["id"] not in inside],
        people=accounts.names(people),
        engagements=engagement_rows(rooms.engagements_of(viewer, row.org_id, workspace_id)),
        manages=manages(viewer, row.org_id) and row.phase == "open",
        belongs=row.org_id in viewer.memberships,
        **people_of(viewer, row.org_id, people),
    )


def _applications(viewer: Actor, org_id: str) -> list[dict[str, Any]]:
    """What the viewer sees of the organization's applications, being written or sent."""
    titles = {p.name: p.title for p in programs.active()}
    writing = [
        {"id": d.id, "title": titles.get(d.program, d.program), "state": "draft",
         "at": d.changed_at, "href": url_for("defender.draft", draft_id=d.id)}
        for d in drafts.of_organizations(viewer)
        if d.org_id == org_id
    ]  # fmt: skip
    sent = [
        {"id": a.id, "title": titles.get(a.program, a.program), "state": a.phase,
         "at": a.submitted_at,
         "href": url_for("defender.application", application_id=a.id)}
        for a in applications.of_organizations(viewer)
        if a.org_id == org_id
    ]  # fmt: skip
    return [*writing, *sent]


@zone.route_for("/workspaces/<workspace_id>/applications", SIGNED_IN, methods=("POST",))
def place_application(workspace_id: str) -> Response:
    """Only what the viewer sees themselves, and of the same organization, can be placed."""
    viewer: Actor = current_user.actor
    row = rooms.get_workspace(workspace_id, viewer)
    wanted = request.form.get("application", "")
    if wanted not in {a["id"] for a in _applications(viewer, row.org_id)}:
        raise NotFound("there is no such application", remedy="choose one from the list")
    perform(PlaceApplication(workspace_id, wanted), viewer)
    flash("Whoever is in the workspace sees it now.", "good")
    return _back(workspace_id)


@zone.route_for(
    "/workspaces/<workspace_id>/applications/<application_id>/take-out", SIGNED_IN,
    methods=("POST",),
)  # fmt: skip
def take_out_application(workspace_id: str, application_id: str) -> Response:
    rooms.get_workspace(workspace_id, current_user.actor)
    perform(TakeOutApplication(workspace_id, application_id), current_user.actor)
    flash("Guests of the workspace see it no longer.", "good")
    return _back(workspace_id)


@zone.route_for("/workspaces/<workspace_id>/close", SIGNED_IN, methods=("POST",))
def close_workspace(workspace_id: str) -> Response:
    row = rooms.get_workspace(workspace_id, current_user.actor)
    perform(Close(workspace_id), current_user.actor)
    flash("The workspace is closed. What it showed stays with your organization.", "good")
    return redirect(url_for("defender.workspaces", org_id=row.org_id))


def _back(workspace_id: str) -> Response:
    return redirect(url_for("defender.workspace", workspace_id=workspace_id))
