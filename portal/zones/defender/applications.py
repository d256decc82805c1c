"""An application after it was sent: receipt, tracker, letter, withdrawing."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import vault
from portal.boards import accounts, applications, domains, organizations, programs
from portal.guard import SIGNED_IN
from portal.ledger import perform, timeline
from portal.zones.defender.evidence import attachment
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.withdraw import Withdraw
from workflows.application.state import FINAL
from workflows.errors import NotFound
from workflows.program import Program
from workflows.words import describe, status

_ORDER = ("checking", "reviewing", "deciding")
_STEPS = {
    "checking": ("Checks", "Your domain, your answers and published lists are looked at."),
    "reviewing": ("Review", "People who do not know each other’s opinion read it."),
    "deciding": ("Decision", "Somebody who did not review decides."),
}


def _own(application_id: str) -> Any:
    """The application, as its organization sees it."""
    row = applications.get(application_id, current_user.actor)
    if not current_user.actor.applied(row.org_id, row.id):
        raise NotFound("there is no such application")
    return row


@zone.route_for("/applications/<application_id>", SIGNED_IN)
def application(application_id: str) -> str:
    row = _own(application_id)
    viewer = current_user.actor
    program = programs.by_version(row.program_version)
    events = timeline.of(application_id, viewer)
    return render_template(
        "defender/application.html",
        row=row,
        program=program,
        tier=program.tier(row.tier),
        organization=organizations.names([row.org_id])[row.org_id],
        steps=tracker_steps(row),
        checks=[check_view(c) for c in applications.checks_of(application_id, viewer)],
        domains=_domains(row.org_id, viewer),
        belongs=row.org_id in viewer.memberships,
        entries=[{"at": e.at, "what": describe(e.kind, e.event)} for e in reversed(events)],
        open=row.phase not in FINAL,
    )


def _domains(org_id: str, viewer: Actor) -> dict[str, Any]:
    """The organization's domains; a guest sees the application, not what else there is."""
    if org_id not in viewer.memberships:
        return {}
    return {d.domain: d for d in domains.of_organization(org_id, viewer)}


def tracker_steps(row: Any) -> list[dict[str, Any]]:
    """Where it is, whose turn, since when, by when; done steps first."""
    steps: list[dict[str, Any]] = [
        {"title": "Submitted", "state": "done", "ended": row.submitted_at}
    ]
    reached = _ORDER.index(row.phase) if row.phase in _ORDER else len(_ORDER)
    stopped = row.phase == "withdrawn"
    for i, phase in enumerate(_ORDER):
        title, text = _STEPS[phase]
        state = "done" if i < reached and not stopped else "next"
        step: dict[str, Any] = {"title": title, "state": state}
        if i == reached:
            turn = status("application", row.phase).turn
            step |= {"state": "current", "turn": turn, "since": row.phase_since, "text": text}
        if phase == "deciding" and row.phase in _ORDER:
            step["promised"] = row.promised_at
        steps.append(step)
    if row.phase not in _ORDER:
        word = status("application", row.phase)
        ended = {"title": word.label, "text": word.meaning, "ended": row.phase_since}
        steps = [s for s in steps if s["state"] == "done"]
        steps.append({**ended, "state": "done" if row.phase == "approved" else "stopped"})
    return steps


def check_view(row: Any) -> dict[str, Any]:
    check = import_module(f"workflows.checks.{row.check}")
    verdict = "cleared" if row.cleared_by else row.verdict
    return {
        "id": row.check,
        "label": check.LABEL,
        "source": check.SOURCE,
        "verdict": verdict,
        "summary": row.summary,
        "at": row.at,
        "again": verdict in ("fail", "stale", "unavailable"),
    }


@zone.route_for("/applications/<application_id>/checks/<check>/again", SIGNED_IN, methods=("POST",))
def request_check(application_id: str, check: str) -> AnyResponse:
    _own(application_id)
    perform(RequestCheck(application_id, check), current_user.actor)
    flash("The check is being made again. Reload in a moment.", "info")
    return redirect(url_for("defender.application", application_id=application_id))


@zone.route_for("/applications/<application_id>/withdraw", SIGNED_IN, methods=("POST",))
def withdraw(application_id: str) -> AnyResponse:
    _own(application_id)
    perform(Withdraw(application_id), current_user.actor)
    flash("The application is withdrawn. You can start a new one at any time.", "good")
    return redirect(url_for("defender.application", application_id=application_id))


@zone.route_for("/applications/<application_id>/receipt", SIGNED_IN)
def receipt(application_id: str) -> str:
    row = _own(application_id)
    return render_template(
        "defender/receipt.html",
        row=row,
        program=programs.by_version(row.program_version),
        organization=organizations.names([row.org_id])[row.org_id],
        by=accounts.names([row.submitted_by])[row.submitted_by],
        files=applications.files_of(application_id, current_user.actor),
    )


@zone.route_for("/applications/<application_id>/letter", SIGNED_IN)
def letter(application_id: str) -> str:
    row = _own(application_id)
    if not row.letter_ref:
        raise NotFound("there is no letter yet", remedy="it is written with the decision")
    program: Program = programs.by_version(row.program_version)
    return render_template(
        "defender/letter.html",
        row=row,
        program=program,
        organization=organizations.names([row.org_id])[row.org_id],
        letter=json.loads(vault.text(row.letter_ref, "{}")),
    )


@zone.route_for("/applications/<application_id>/files/<question_id>", SIGNED_IN)
def application_file(application_id: str, question_id: str) -> Response:
    row = _own(application_id)
    for file in applications.files_of(application_id, current_user.actor):
        if file.question == question_id:
            answers = json.loads(vault.text(row.answers_ref, "{}"))
            about = answers.get(f"file:{question_id}") or {}
            return attachment(vault.read(file.file_ref), about.get("name", "file"))
    raise NotFound("there is no such file")
