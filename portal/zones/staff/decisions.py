"""Deciding: a form, the letter as it will go, the decider's signature, then the act."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import ids, vault
from portal.boards import applications, organizations, programs
from portal.identity import signed_decisions
from portal.ledger import perform, rehearse, timeline
from portal.ledger.codec import canonical
from portal.zones.staff import prepared
from portal.zones.staff.forms import DecisionForm, SignatureForm
from portal.zones.staff.reads import opened
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
def decide(application_id: str) -> str:
    """The form; a POST shows the letter, with a button that signs and sends precisely this."""
    row = _deciding(application_id)
    opened(row.org_id, "application", application_id)
    program = programs.by_version(row.program_version)
    form = DecisionForm()
    form.fill(program, json.loads(row.scopes), row.tier)
    refused: dict[str, str] = {}
    letter, sealed = None, ""
    if form.validate_on_submit():
        letter = _letter(row, program, form)
        try:
            sealed = _prepare(row, form, letter)
        except Invalid as invalid:
            refused, letter = _named(invalid), None
    return render_template(
        "staff/decide.html",
        row=row,
        program=program,
        tier=program.tier(row.tier),
        organization=organizations.names([row.org_id])[row.org_id],
        form=form,
        refused=refused,
        letter=letter,
        sealed=sealed,
        seen=timeline.seen(application_id, current_user.actor),
    )


@zone.route_for(
    "/applications/<application_id>/decide/options",
    "decider",
    methods=("POST",),
    strength=Strength.PASSKEY,
)
def decision_options(application_id: str) -> Response:
    """What the decider's passkey is asked, for the letter that was shown."""
    row = _deciding(application_id)
    command = _shown(application_id)
    return jsonify(signed_decisions.options(current_user.actor, command, row.program_version))


@zone.route_for(
    "/applications/<application_id>/decide/send",
    "decider",
    methods=("POST",),
    strength=Strength.PASSKEY,
)
def send_decision(application_id: str) -> AnyResponse:
    """Decide, if the decider's own passkey signed what was shown: a session is not enough."""
    row = applications.get(application_id, current_user.actor)
    form = SignatureForm()
    command = signed_decisions.signed(
        current_user.actor,
        _shown(application_id),
        row.program_version,
        form.credential.data or "",
        form.nonce.data or "",
    )
    seen = form.seen.data or ""
    perform(command, current_user.actor, seen=int(seen) if seen.isdecimal() else None)
    flash("Decided. The organization is told, and the letter is theirs to read.", "good")
    return redirect(url_for("staff.case", application_id=application_id))


def _deciding(application_id: str) -> Any:
    row = applications.get(application_id, current_user.actor)
    if row.phase != "deciding":
        raise NotNow(
            "this application is not waiting for a decision",
            remedy="reload the case to see where it stands",
        )
    return row


def _shown(application_id: str) -> Decide:
    return prepared.unseal(current_user.actor, application_id, request.form.get("prepared", ""))


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


def _prepare(row: Any, form: DecisionForm, letter: dict[str, Any]) -> str:
    """The decision as the letter shows it, sealed; the rule was asked, the signature is not there.

    Raises:
        Invalid: a rule would refuse it, so that nobody is made to sign it.
    """
    approved = form.outcome.data == "approved"
    note = (form.note.data or "").strip()
    command = Decide(
        stream=row.id,
        outcome=form.outcome.data,
        scopes=_granted(form),
        reasons=tuple(form.reasons.data or ()),
        expires_at=_end_of(form.expires_on.data) if approved else "",
        grant_id=ids.new("gr") if approved else "",
        letter=vault.put(row.org_id, canonical(letter)),
        note=vault.put(row.org_id, note) if note else None,
        signature=None,
    )
    try:
        rehearse(command, current_user.actor)
    except Invalid as invalid:
        if invalid.code != "signature_missing":  # which is all that may be missing
            raise
    return prepared.seal(current_user.actor, command)
