"""Giving somebody their way back in, by two of the staff."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import relaxations
from portal.desk import links
from portal.ledger import perform
from portal.zones.staff.zone import zone
from workflows.account.commands.cancel_recovery import CancelRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.recovery import KEEPERS
from workflows.actors import Strength

_WHO = tuple(sorted(KEEPERS))


@zone.route_for("/people/recoveries", *_WHO, methods=("POST",), strength=Strength.PASSKEY)
def propose_recovery() -> Response:
    account = links.account_of(request.form.get("email", ""))
    if account is None:
        flash("Nobody has signed in with this address.", "bad")
    else:
        perform(ProposeRecovery(account, ""), current_user.actor)
        flash("Proposed. A colleague confirms it; then a day passes.", "good")
    return redirect(url_for("staff.people"))


@zone.route_for(
    "/people/<account>/recovery/confirm", *_WHO, methods=("POST",), strength=Strength.PASSKEY
)
def confirm_recovery(account: str) -> Response:
    too_few = relaxations.too_few_to_recover(account)
    perform(ConfirmRecovery(account, too_few), current_user.actor)
    flash("Confirmed. It happens in a day, unless somebody stops it.", "good")
    return redirect(url_for("staff.people"))


@zone.route_for(
    "/people/<account>/recovery/cancel", *_WHO, methods=("POST",), strength=Strength.PASSKEY
)
def cancel_recovery(account: str) -> Response:
    perform(CancelRecovery(account), current_user.actor)
    flash("The recovery is stopped.", "good")
    return redirect(url_for("staff.people"))
