"""Invitations to oneself: accepting and declining them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock
from portal.boards import invitations, organizations
from portal.desk import invitees
from portal.guard import SIGNED_IN
from portal.ledger import outbox, perform
from portal.zones.defender.zone import zone
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.decline_invitation import DeclineInvitation
from workflows.reactions import Effect


def _mine(invitation: str) -> Any:
    """The viewer's invitation; anybody else's does not exist."""
    return invitations.to_invitee(invitation, invitees.of(current_user.actor.id))


@zone.route_for("/invitations/<invitation>/accept", SIGNED_IN, methods=("POST",))
def accept_invitation(invitation: str) -> Response:
    org_id = _mine(invitation).org_id
    perform(AcceptInvitation(org_id, invitation), current_user.actor)
    invitees.forget(invitation)
    if org_id in organizations.of(current_user.actor.id):
        flash("Welcome. You are a member now.", "good")
        return redirect(url_for("defender.organization", org_id=org_id))
    flash("Welcome. What you were let into stands here.", "good")
    return redirect(url_for("defender.home"))


@zone.route_for("/invitations/<invitation>/ask-again", SIGNED_IN, methods=("POST",))
def ask_again(invitation: str) -> Response:
    """Mail to whoever may send it again, once a day at most; nothing else follows from it."""
    row = _mine(invitation)
    if row.expires_at <= clock.now_iso():
        today = clock.now_iso()[:10]
        told = {"what": "invitation_asked_again", "stream": row.org_id, "account": "",
                "seq": f"{invitation}:{today}"}  # fmt: skip
        outbox.enqueue(Effect("send_notice", f"notice:again:{invitation}:{today}", told))
        flash("Asked. Its owner and admins get a mail; you get one when it is sent again.", "good")
    else:
        flash("It still waits for your answer.", "info")
    return redirect(url_for("defender.home"))


@zone.route_for("/invitations/<invitation>/decline", SIGNED_IN, methods=("POST",))
def decline_invitation(invitation: str) -> Response:
    perform(DeclineInvitation(_mine(invitation).org_id, invitation), current_user.actor)
    invitees.forget(invitation)
    flash("Declined.", "good")
    return redirect(url_for("defender.home"))
