"""Giving a member their way back in: two of the organization's owner and admins."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import organizations, recoveries
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.members import check_own
from portal.zones.defender.room_people import manages
from portal.zones.defender.zone import zone
from workflows.account.commands.cancel_recovery import CancelRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.errors import NotAllowed, NotFound

_PATH = "/organizations/<org_id>/members/<account>/recovery"


def _act(org_id: str, account: str, command: Any, words: str) -> Response:
    """Only for members of this organization, and a recovery that its own admins make."""
    actor = check_own(org_id)
    if not manages(actor, org_id):
        raise NotAllowed("your role does not allow this")
    members = {m.account for m in organizations.members_of(org_id, actor)}
    waiting = recoveries.under_way(actor, [account]).get(account)
    if account not in members or (waiting is not None and waiting.organization != org_id):
        raise NotFound("there is no such member")
    perform(command, current_user.own)
    flash(words, "good")
    return redirect(url_for("defender.members", org_id=org_id))


def _elsewhere(org_id: str, account: str) -> bool:
    """Whether the person is a member of another organization, too."""
    belongs = organizations.belongs(account)
    return any(role != "guest" for other, role in belongs.items() if other != org_id)


@zone.route_for(_PATH, SIGNED_IN, methods=("POST",))
def propose_recovery(org_id: str, account: str) -> Response:
    words = "Proposed. Another owner or admin confirms it; then a day passes."
    command = ProposeRecovery(account, org_id, _elsewhere(org_id, account))
    return _act(org_id, account, command, words)


@zone.route_for(f"{_PATH}/confirm", SIGNED_IN, methods=("POST",))
def confirm_recovery(org_id: str, account: str) -> Response:
    words = "Confirmed. It happens in a day, unless somebody stops it. All of you are told."
    command = ConfirmRecovery(account, elsewhere=_elsewhere(org_id, account))
    return _act(org_id, account, command, words)


@zone.route_for(f"{_PATH}/cancel", SIGNED_IN, methods=("POST",))
def cancel_recovery(org_id: str, account: str) -> Response:
    return _act(org_id, account, CancelRecovery(account), "The recovery is stopped.")
