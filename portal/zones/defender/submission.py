"""Check your answers, declare, send; the receipt."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import vault
from portal.boards import programs
from portal.desk import drafts
from portal.desk.drafts import Draft
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.ledger.codec import canonical
from portal.zones.defender import program_form
from portal.zones.defender.forms import SubmitForm
from portal.zones.defender.zone import zone
from workflows.application.commands.submit import Submit
from workflows.errors import Invalid
from workflows.program import Program


def answer_rows(found: Draft, program: Program) -> list[dict[str, Any]]:
    """Sections with their answers as people read them, each with a Change link."""
    sections = []
    for section in program.sections:
        href = url_for("defender.section", draft_id=found.id, section_id=section.id)
        rows = []
        for q in section.questions:
            text = program_form.shown(q, found.answers)
            if q.kind == "file":
                about = found.answers.get(f"file:{q.id}") or {}
                text = about.get("name", "") if q.id in found.files else ""
                href_q = url_for("defender.upload_file", draft_id=found.id, question_id=q.id)
            else:
                href_q = f"{href}#{q.id}"
            missing = q.required and not text
            value = text or "Not given"
            rows.append({"key": q.label, "value": value, "href": href_q, "missing": missing})
        sections.append({"title": section.title, "rows": rows})
    return sections


@zone.route_for("/drafts/<draft_id>/check", SIGNED_IN, methods=("GET", "POST"))
def check_answers(draft_id: str) -> str | Response:
    found = drafts.get(draft_id, current_user.actor)
    program = programs.named(found.program)
    form = SubmitForm()
    form.terms.choices = [SelectChoice(t.id, t.title) for t in program.terms]
    refused: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            _submit(found, program, form)
        except Invalid as invalid:
            refused = invalid.fields or {"": invalid.message}
        else:
            return redirect(url_for("defender.receipt", application_id=draft_id))
    tier = program.tier(found.answers.get("tier", ""))
    return render_template(
        "defender/check_answers.html",
        draft=found,
        program=program,
        sections=answer_rows(found, program),
        tier=tier,
        scopes=[s for s in program.scopes if s.id in (found.answers.get("scopes") or [])],
        form=form,
        refused=refused,
    )


def _submit(found: Draft, program: Program, form: SubmitForm) -> None:
    terms, declared = tuple(form.terms.data or ()), bool(form.declared.data)
    whole = {**found.answers, "terms": list(terms), "declared": declared}
    perform(
        Submit(
            stream=found.id,
            org_id=found.org_id,
            program=program.name,
            program_version=program.version,
            tier=found.answers.get("tier") or "",
            scopes=tuple(found.answers.get("scopes") or ()),
            answers=vault.put(found.org_id, canonical(whole)),
            answered=tuple(q.id for q in program.questions if program_form.answered(q, whole)),
            files=found.evidence,
            terms=terms,
            declared=declared,
        ),
        current_user.actor,
    )
    drafts.submitted(found.id)
