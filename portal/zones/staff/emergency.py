"""Emergency power: asked for by one, confirmed by another, ended by any, reviewed by a third."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, ids, vault
from portal.boards import accounts, relaxations
from portal.boards import emergencies as board
from portal.ledger import perform, recent
from portal.zones.staff.forms import EmergencyForm, FindingForm
from portal.zones.staff.zone import zone
from workflows.account.staff_roles import STAFF_ROLES
from workflows.actors import Strength
from workflows.emergency.commands.break_glass import BreakGlass
from workflows.emergency.commands.confirm_break_glass import ConfirmBreakGlass
from workflows.emergency.commands.end_break_glass import EndBreakGlass
from workflows.emergency.commands.review_break_glass import ReviewBreakGlass

PASSKEY = Strength.PASSKEY


@zone.route_for("/emergency", *STAFF_ROLES, strength=PASSKEY)
def emergency() -> str:
    return _page(EmergencyForm())


def _page(form: EmergencyForm) -> str:
    rows, me = board.latest(), current_user.actor.id
    people = [a for r in rows for a in (r.person, r.confirmed_by, r.ended_by, r.reviewed_by) if a]
    return render_template(
        "staff/emergency.html",
        rows=[{"row": row, "phase": _phase(row), "mine": me == row.person} for row in rows],
        names=accounts.names(people),
        texts=vault.texts(ref for r in rows for ref in (r.reason_ref, r.finding_ref) if ref),
        form=form,
        me=me,
        relaxed=relaxations.relaxed(("emergency_by_one",)),
        alone=relaxations.others_of_staff(me) == 0,
    )


def _phase(row: Any) -> str:
    """The phase as it is at this moment: what nobody confirmed in time waits no more."""
    late = row.phase == "waiting" and row.waits_until <= clock.now_iso()
    return "lapsed" if late else str(row.phase)


@zone.route_for("/emergency", *STAFF_ROLES, methods=("POST",), strength=PASSKEY)
def break_glass() -> str | Response:
    form = EmergencyForm()
    if not form.validate_on_submit():
        return _page(form)
    stream, actor = ids.new("emg"), current_user.actor
    reason = vault.put(stream, (form.reason.data or "").strip())
    others = relaxations.others_of_staff(actor.id)
    perform(BreakGlass(stream, int(form.hours.data), reason, others), actor)
    if board.lasts_for(actor.id):
        flash("You have emergency power. All staff are told, and somebody else reviews it.", "warn")
    else:
        flash("All staff are told. Once a colleague confirms it, within the hour, it begins.",
              "info")  # fmt: skip
    return _back()


def _back() -> Response:
    return redirect(url_for("staff.emergency"))


@zone.route_for("/emergency/<emergency>/confirm", *STAFF_ROLES, methods=("POST",), strength=PASSKEY)
def confirm_break_glass(emergency: str) -> Response:
    perform(ConfirmBreakGlass(board.get(emergency).id), current_user.actor)
    flash("Confirmed. It began, and all staff are told.", "warn")
    return _back()


@zone.route_for("/emergency/<emergency>/end", *STAFF_ROLES, methods=("POST",), strength=PASSKEY)
def end_break_glass(emergency: str) -> Response:
    perform(EndBreakGlass(board.get(emergency).id), current_user.actor)
    flash("It is ended.", "good")
    return _back()


@zone.route_for(
    "/emergency/<emergency>/review", *STAFF_ROLES, methods=("GET", "POST"), strength=PASSKEY
)
def review_break_glass(emergency: str) -> str | Response:
    row, form = board.get(emergency), FindingForm()
    if not form.validate_on_submit():
        acts = recent.emergency_acts(row.person, row.began_at or "~", row.ended_at or "~")
        return render_template(
            "staff/emergency_review.html",
            acts=[{"at": at, "what": f"{words} ({stream})"} for at, stream, words in acts],
            row=row,
            form=form,
            phase=_phase(row),
            part=current_user.actor.id in (row.person, row.confirmed_by),
            names=accounts.names(a for a in (row.person, row.confirmed_by, row.ended_by) if a),
            texts=vault.texts([row.reason_ref]),
        )
    finding = vault.put(row.id, (form.finding.data or "").strip())
    perform(ReviewBreakGlass(row.id, form.verdict.data, finding), current_user.actor)
    flash("Your finding is on record, and all staff are told.", "good")
    return _back()
