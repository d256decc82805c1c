"""Who is in a workspace or an engagement: letting in, inviting, taking out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.boards import accounts, organizations, rooms
from portal.extensions import limiter
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.limits import INVITING
from portal.zones.defender.forms import GuestForm, PlaceForm
from portal.zones.defender.members import invite_address
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.organization.commands.place_member import PlaceMember
from workflows.organization.commands.unplace_member import UnplaceMember


def manages(viewer: Actor, org_id: str) -> bool:
    return bool(viewer.memberships.get(org_id, frozenset()) & {"owner", "admin"})


def people_of(viewer: Actor, org_id: str, inside: list[str]) -> dict[str, Any]:
    """The two forms of a room's page, for who looks after the organization."""
    if not manages(viewer, org_id):
        return {}
    form = PlaceForm(formdata=None)
    others = [m.account for m in organizations.members_of(org_id, viewer)]
    names = accounts.names(account for account in others if account not in inside)
    form.account.choices = [SelectChoice(*pair) for pair in names.items()]
    return {"place": form, "guest": GuestForm(formdata=None)}


def _room(room: str) -> tuple[str, str]:
    """(organization, page) of a room that the viewer sees."""
    viewer: Actor = current_user.actor
    if room.startswith("eng_"):
        page = url_for("defender.engagement", engagement_id=room)
        return rooms.get_engagement(room, viewer).org_id, page
    page = url_for("defender.workspace", workspace_id=room)
    return rooms.get_workspace(room, viewer).org_id, page


@zone.route_for("/rooms/<room>/people", SIGNED_IN, methods=("POST",))
def place_member(room: str) -> Response:
    org_id, page = _room(room)
    perform(PlaceMember(org_id, PlaceForm().account.data or "", room), current_user.actor)
    flash("They are in. A guest sees this and nothing else.", "good")
    return redirect(page)


@zone.route_for("/rooms/<room>/guests", SIGNED_IN, methods=("POST",))
@limiter.limit(INVITING)
def invite_guest(room: str) -> Response:
    """The same words and acts whether or not the address has an account."""
    org_id, page = _room(room)
    form = GuestForm()
    if not form.validate_on_submit():
        flash(f"{form.email.errors[0]}.", "bad")
    elif invite_address(org_id, form.email.data or "", "guest", current_user.actor, room):
        flash("Invited as a guest: they will see this and nothing else.", "good")
    else:
        flash("This person belongs to your organization already. Choose them in the list.", "warn")
    return redirect(page)


@zone.route_for("/rooms/<room>/people/<account>/take-out", SIGNED_IN, methods=("POST",))
def unplace_member(room: str, account: str) -> Response:
    org_id, page = _room(room)
    perform(UnplaceMember(org_id, account, room), current_user.actor)
    flash("They are no longer in it.", "good")
    return redirect(page)
