"""Deciding: a form, the letter as it will go, then the act."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import ids, vault
from portal.boards import applications, organizations, programs
from portal.ledger import perform, timeline
from portal.ledger.codec import canonical
from portal.zones.staff.forms import DecisionForm
from portal.zones.staff.zone import zone
from workflows import calendar, letters
from workflows.actors import Strength
from workflows.application.commands.decide import Decide
from workflows.errors import Invalid, NotNow
from workflows.program import Program


@zone.route_for(
    "/applications/<application_id>/decide",
    "decider",
    methods=("GET", "POST"),
    strength=Strength.PASSKEY,
)
def decide(application_id: str) -> str | Response:
    """The form; with `then=preview` the letter is shown, with `then=send` it is decided."""
    row = applications.get(application_id, current_user.actor)
    if row.phase != "deciding":
        raise NotNow(
            "this application is not waiting for a decision",
            remedy="reload the case to see where it stands",
        )
    program = programs.by_version(row.program_version)
    form = DecisionForm()
    form.fill(program, json.loads(row.scopes), row.tier)
    refused: dict[str, str] = {}
    letter = None
    if form.validate_on_submit():
        letter = _letter(row, program, form)
        if request.form.get("then") == "send":
            try:
                _perform(row, form, letter)
            except Invalid as invalid:
                refused, letter = _named(invalid), None
            else:
                flash(
                    "Decided. The organization is told, and the letter is theirs to read.", "good"
                )
                return redirect(url_for("staff.case", application_id=application_id))
    return render_template(
        "staff/decide.html",
        row=row,
        program=program,
        tier=program.tier(row.tier),
        organization=organizations.names([row.org_id])[row.org_id],
        form=form,
        refused=refused,
        letter=letter if request.form.get("then") == "preview" else None,
        seen=timeline.seen(application_id, current_user.actor),
    )


def _named(invalid: Invalid) -> dict[str, str]:
    """The rule's field names as the form's."""
    names = {"expires_at": "expires_on"}
    found = {names.get(k, k): v for k, v in invalid.fields.items()}
    return found or {"": f"{invalid.message[:1].upper()}{invalid.message[1:]}. {invalid.remedy}"}


def _letter(row: Any, program: Program, form: DecisionForm) -> dict[str, Any]:
    return letters.compose(
        program,
        outcome=form.outcome.data,
        asked=tuple(json.loads(row.scopes)),
        granted=_granted(form),
        reasons=tuple(form.reasons.data or ()),
        expires_at=_end_of(form.expires_on.data),
        message=(form.message.data or "").strip(),
    )


def _granted(form: DecisionForm) -> tuple[str, ...]:
    return tuple(form.scopes.data or ()) if form.outcome.data == "approved" else ()


def _end_of(day: date | None) -> str:
    return calendar.iso(datetime.combine(day, time(), UTC)) if day else ""


def _perform(row: Any, form: DecisionForm, letter: dict[str, Any]) -> None:
    approved = form.outcome.data == "approved"
    note = (form.note.data or "").strip()
    perform(
        Decide(
            stream=row.id,
            outcome=form.outcome.data,
            scopes=_granted(form),
            reasons=tuple(form.reasons.data or ()),
            expires_at=_end_of(form.expires_on.data) if approved else "",
            grant_id=ids.new("gr") if approved else "",
            letter=vault.put(row.org_id, canonical(letter)),
            note=vault.put(row.org_id, note) if note else None,
        ),
        current_user.actor,
        seen=int(form.seen.data) if (form.seen.data or "").isdigit() else None,
    )
