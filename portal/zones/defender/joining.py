"""Joining by an address in a proven domain: asking, taking it back, letting in, saying no."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, spelling
from portal.boards import accounts, joining
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.errors import NotFound
from workflows.organization.commands.approve_join import ApproveJoin
from workflows.organization.commands.decline_join import DeclineJoin
from workflows.organization.commands.request_to_join import RequestToJoin
from workflows.organization.commands.set_joining import SetJoining

REQUEST_DAYS = 30


def domain_of(actor: Actor) -> str:
    """The domain of the person's proven address, ASCII; "" when it is none that can be proven."""
    return spelling.domain_of(accounts.address(actor.id) or "")


def _check_there(there: bool) -> None:
    """Whoever is not let see an organization learns nothing by asking it, not even that it is."""
    if not there:
        raise NotFound("there is no such organization")


@zone.route_for("/organizations/<org_id>/join", SIGNED_IN, methods=("POST",))
def request_to_join(org_id: str) -> Response:
    actor: Actor = current_user.actor
    if org_id not in actor.memberships:
        _check_there(any(row["id"] == org_id for row in joining.reachable(domain_of(actor), actor)))
    end = clock.iso_in(days=REQUEST_DAYS)
    perform(RequestToJoin(org_id, domain_of(actor), end), actor)
    flash("Asked. Its owner or an admin answers; you get a mail.", "good")
    return redirect(url_for("defender.home"))


@zone.route_for("/organizations/<org_id>/join/withdraw", SIGNED_IN, methods=("POST",))
def withdraw_join(org_id: str) -> Response:
    actor: Actor = current_user.actor
    _check_there(joining.waits(org_id, actor))
    perform(DeclineJoin(org_id, actor.id), actor)
    flash("Your request is taken back.", "good")
    return redirect(url_for("defender.home"))


@zone.route_for("/organizations/<org_id>/joining", SIGNED_IN, methods=("POST",))
def set_joining(org_id: str) -> Response:
    wanted = request.form.get("open") == "yes"
    perform(SetJoining(org_id, wanted), check_own(org_id))
    flash("People at your domains may ask to join." if wanted else "Nobody may ask to join.",
          "good")  # fmt: skip
    return redirect(url_for("defender.members", org_id=org_id))


@zone.route_for("/organizations/<org_id>/join/<account>/approve", SIGNED_IN, methods=("POST",))
def approve_join(org_id: str, account: str) -> Response:
    perform(ApproveJoin(org_id, account), check_own(org_id))
    flash("They are a member now.", "good")
    return redirect(url_for("defender.members", org_id=org_id))


@zone.route_for("/organizations/<org_id>/join/<account>/decline", SIGNED_IN, methods=("POST",))
def decline_join(org_id: str, account: str) -> Response:
    perform(DeclineJoin(org_id, account), check_own(org_id))
    flash("Declined. They get a mail that says so.", "good")
    return redirect(url_for("defender.members", org_id=org_id))
