"""The case page: answers beside checks beside evidence, and what this person may do now."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import vault
from portal.boards import accounts, applications, organizations, programs
from portal.headers import SANDBOX
from portal.ledger import perform, timeline
from portal.zones.staff.forms import ClearForm, RecuseForm, SeatForm, review_form
from portal.zones.staff.queue import CASE_READERS
from portal.zones.staff.reads import opened
from portal.zones.staff.zone import zone
from workflows.actors import Actor, Strength
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.request_check import RequestCheck
from workflows.program import Program, Question
from workflows.words import describe

PASSKEY = Strength.PASSKEY


@zone.route_for("/applications/<application_id>", *CASE_READERS, strength=PASSKEY)
def case(application_id: str) -> str:
    return case_page(application_id)


def case_page(application_id: str, **more: Any) -> str:
    """The page, with a form that was refused in the place of an empty one."""
    viewer: Actor = current_user.actor
    row = applications.get(application_id, viewer)
    opened(row.org_id, "application", application_id)
    program = programs.by_version(row.program_version)
    standing = applications.seat_of(application_id, viewer)
    forms = {
        "seat_form": SeatForm(),
        "recuse_form": RecuseForm(),
        "clear_form": ClearForm(),
        "review_form": review_form(program),
    } | more
    return render_template(
        "staff/case.html",
        row=row,
        program=program,
        tier=program.tier(row.tier),
        organization=organizations.names([row.org_id])[row.org_id],
        asked=[s for s in program.scopes if s.id in json.loads(row.scopes)],
        sections=answers_by_section(row, program),
        files=_files(row, program, viewer),
        checks=[_check(c) for c in applications.checks_of(application_id, viewer)],
        reviews=_reviews(row, program, viewer),
        standing=standing,
        roles=viewer.roles,
        entries=_entries(application_id, viewer),
        seen=timeline.seen(application_id, viewer),
        **forms,
    )


def answers_by_section(row: Any, program: Program) -> list[dict[str, Any]]:
    answers: dict[str, Any] = json.loads(vault.text(row.answers_ref, "{}"))
    return [
        {
            "title": section.title,
            "rows": [
                (q.label, _shown(q, answers.get(q.id)))
                for q in section.questions
                if q.kind != "file"
            ],
        }
        for section in program.sections
    ]


def _shown(question: Question, value: Any) -> str:
    labels = {o.value: o.label for o in question.options}
    if isinstance(value, list):
        return ", ".join(labels.get(v, str(v)) for v in value) or "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return labels.get(str(value), str(value)) if value not in (None, "") else "–"


def _files(row: Any, program: Program, viewer: Actor) -> list[dict[str, Any]]:
    answers: dict[str, Any] = json.loads(vault.text(row.answers_ref, "{}"))
    labels = {q.id: q.label for q in program.questions}
    found = []
    for file in applications.files_of(row.id, viewer):
        about = answers.get(f"file:{file.question}") or {}
        found.append(
            {
                "name": f"{labels.get(file.question, file.question)}: {about.get('name', 'file')}",
                "type": about.get("type", ""),
                "size": about.get("size"),
                "href": url_for(
                    "staff.case_file", application_id=row.id, question_id=file.question
                ),
            }
        )
    return found


def _check(row: Any) -> dict[str, Any]:
    check = import_module(f"workflows.checks.{row.check}")
    kept: dict[str, Any] = json.loads(vault.text(row.finding_ref, "{}")) if row.finding_ref else {}
    return {
        "id": row.check,
        "label": check.LABEL,
        "source": check.SOURCE,
        "verdict": "cleared" if row.cleared_by else row.verdict,
        "clearable": row.verdict == "needs-human" and not row.cleared_by,
        "again": row.verdict in ("fail", "stale", "unavailable"),
        "summary": row.summary,
        "detail": [(line["label"], line["text"]) for line in kept.get("detail", [])],
        "at": row.at,
        "data_digest": row.data_digest,
        "data_date": row.data_date,
        "round": row.round,
        "cleared_by": accounts.names([row.cleared_by])[row.cleared_by] if row.cleared_by else "",
        "reason": vault.text(row.reason_ref) if row.reason_ref else "",
    }


def _reviews(row: Any, program: Program, viewer: Actor) -> list[dict[str, Any]]:
    """Reviews that the viewer may see: until all have spoken, their own alone."""
    rows = applications.reviews_of(row.id, viewer)
    people = accounts.names(r.reviewer for r in rows)
    texts = vault.texts(r.reasons_ref for r in rows)
    titles = {c.id: c.title for c in program.rubric}
    return [
        {
            "who": people[r.reviewer],
            "mine": r.reviewer == viewer.id,
            "recommendation": r.recommendation,
            "scores": [(titles[k], v) for k, v in json.loads(r.scores).items()],
            "reasons": texts.get(r.reasons_ref, "[erased]"),
            "at": r.at,
        }
        for r in rows
    ]


def _entries(application_id: str, viewer: Actor) -> list[dict[str, Any]]:
    events = timeline.of(application_id, viewer)
    people = accounts.names(e.actor for e in events)
    return [
        {
            "at": e.at,
            "who": people[e.actor],
            "what": describe(e.kind, e.event),
            "mine": e.actor == viewer.id,
        }
        for e in reversed(events)
    ]


@zone.route_for(
    "/applications/<application_id>/files/<question_id>", *CASE_READERS, strength=PASSKEY
)
def case_file(application_id: str, question_id: str) -> Response:
    viewer: Actor = current_user.actor
    row = applications.get(application_id, viewer)
    opened(row.org_id, "file", application_id)
    answers = json.loads(vault.text(row.answers_ref, "{}"))
    for file in applications.files_of(application_id, viewer):
        content = vault.read(file.file_ref)
        if file.question == question_id and content is not None:
            name = (answers.get(f"file:{question_id}") or {}).get("name", "file")
            response = Response(content, mimetype="application/octet-stream")
            response.headers.set("Content-Disposition", "attachment", filename=name)
            response.headers["Content-Security-Policy"] = SANDBOX
            return response
    abort(404)


@zone.route_for(
    "/applications/<application_id>/checks/<check>/clear",
    "intake",
    methods=("POST",),
    strength=PASSKEY,
)
def clear_check(application_id: str, check: str) -> str | AnyResponse:
    row = applications.get(application_id, current_user.actor)
    form = ClearForm()
    if not form.validate_on_submit():
        return case_page(application_id, clear_form=form)
    perform(
        ClearCheck(application_id, check, reason=vault.put(row.org_id, form.reason.data or "")),
        current_user.actor,
    )
    flash("Cleared, with your reason on record.", "good")
    return redirect(url_for("staff.case", application_id=application_id))


@zone.route_for(
    "/applications/<application_id>/checks/<check>/again",
    "intake",
    methods=("POST",),
    strength=PASSKEY,
)
def request_check(application_id: str, check: str) -> AnyResponse:
    perform(RequestCheck(application_id, check), current_user.actor)
    flash("The check is being made again.", "info")
    return redirect(url_for("staff.case", application_id=application_id))
