"""A reviewer's acts: take a seat, stand back, give a review."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import vault
from portal.boards import applications, programs
from portal.ledger import perform
from portal.zones.staff.cases import case_page
from portal.zones.staff.forms import RecuseForm, SeatForm, review_form
from portal.zones.staff.zone import zone
from workflows.actors import Strength
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.review import Review
from workflows.application.commands.take_seat import TakeSeat

PASSKEY = Strength.PASSKEY


def _back(application_id: str) -> Response:
    return redirect(url_for("staff.case", application_id=application_id))


@zone.route_for(
    "/applications/<application_id>/seat", "reviewer", methods=("POST",), strength=PASSKEY
)
def take_seat(application_id: str) -> str | Response:
    form = SeatForm()
    form.validate_on_submit()
    if not form.no_conflict.data:
        form.no_conflict.errors = ["Confirm that you have no tie, or stand back"]
        return case_page(application_id, seat_form=form)
    perform(TakeSeat(application_id, no_conflict=True), current_user.actor)
    flash("The seat is yours. Others’ opinions stay hidden until all have spoken.", "good")
    return _back(application_id)


@zone.route_for(
    "/applications/<application_id>/recuse", "reviewer", methods=("POST",), strength=PASSKEY
)
def recuse(application_id: str) -> str | Response:
    row = applications.get(application_id, current_user.actor)
    form = RecuseForm()
    if not form.validate_on_submit():
        return case_page(application_id, recuse_form=form)
    reason = vault.put(row.org_id, form.reason.data or "")
    perform(Recuse(application_id, reason=reason), current_user.actor)
    flash("You stood back. The seat is free for a colleague.", "good")
    return redirect(url_for("staff.queue"))


@zone.route_for(
    "/applications/<application_id>/review", "reviewer", methods=("POST",), strength=PASSKEY
)
def review(application_id: str) -> str | Response:
    row = applications.get(application_id, current_user.actor)
    program = programs.by_version(row.program_version)
    form: Any = review_form(program)
    if not form.validate_on_submit():
        return case_page(application_id, review_form=form)
    perform(
        Review(
            stream=application_id,
            recommendation=form.recommendation.data,
            scores={c.id: int(form[f"score_{c.id}"].data) for c in program.rubric},
            reasons=vault.put(row.org_id, form.reasons.data),
        ),
        current_user.actor,
        seen=int(form.seen.data) if (form.seen.data or "").isdigit() else None,
    )
    flash("Your review is in. It cannot be changed, and nobody reads it until all are in.", "good")
    return _back(application_id)
