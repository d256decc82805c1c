"""An application before it is submitted: a task list, its sections, level and scopes."""

from __future__ import annotations

from typing import Any

from flask import Response as JsonResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.boards import organizations as organization_board
from portal.boards import programs
from portal.desk import drafts
from portal.desk.drafts import Draft
from portal.guard import SIGNED_IN
from portal.zones.defender import program_form
from portal.zones.defender.domains import claim
from portal.zones.defender.forms import AccessForm
from portal.zones.defender.organizations import start_form
from portal.zones.defender.zone import zone
from workflows.application.commands.submit import reachable_scopes
from workflows.errors import NotFound
from workflows.program import Program, Section


@zone.route_for("/drafts", SIGNED_IN, methods=("POST",))
def start() -> Response:
    form = start_form(current_user.actor)
    if not form.validate_on_submit():
        flash("Choose an organization and a program.", "bad")
        return redirect(url_for("defender.home"))
    draft_id = drafts.start(form.organization.data, form.program.data, current_user.actor)
    return redirect(url_for("defender.draft", draft_id=draft_id))


@zone.route_for("/drafts/<draft_id>", SIGNED_IN)
def draft(draft_id: str) -> str:
    found = drafts.get(draft_id, current_user.actor)
    program = programs.named(found.program)
    groups = task_groups(found, program)
    tasks = [t for g in groups for t in g["tasks"] if t["status"]]
    return render_template(
        "defender/draft.html",
        draft=found,
        program=program,
        belongs=found.org_id in current_user.actor.memberships,
        organization=organization_board.names([found.org_id])[found.org_id],
        groups=groups,
        done=sum(t["status"] == "completed" for t in tasks),
        total=len(tasks),
    )


def task_groups(found: Draft, program: Program) -> list[dict[str, Any]]:
    """The task list: the program's groups of sections, then level of access, then sending."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for section in program.sections:
        groups.setdefault(section.group, []).append(
            {
                "title": section.title,
                "href": url_for("defender.section", draft_id=found.id, section_id=section.id),
                "status": program_form.section_status(section, found.answers, found.files),
            }
        )
    access = {
        "title": "Level of access and scopes",
        "href": url_for("defender.access", draft_id=found.id),
        "hint": _tier_title(found, program),
        "status": access_status(found, program),
    }
    tasks = [*(t for g in groups.values() for t in g), access]
    complete = all(t["status"] == "completed" for t in tasks)
    send: dict[str, Any] = {
        "title": "Check your answers and send",
        "status": "",
        "hint": "When everything above is complete" if not complete else "",
    }
    if complete:
        send["href"] = url_for("defender.check_answers", draft_id=found.id)
        send["tag"] = {"word": "Ready", "tone": "info"}
    following = next((t for t in tasks if t["status"] != "completed"), send)
    following["next"] = True
    return [
        *({"title": title, "tasks": entries} for title, entries in groups.items()),
        {"title": "Access", "tasks": [access]},
        {"title": "Send", "tasks": [send]},
    ]


def access_status(found: Draft, program: Program) -> str:
    tier = program.tier(found.answers.get("tier", ""))
    if tier is None:
        return "not_started"
    scopes = found.answers.get("scopes") or []
    fits = set(scopes) <= set(reachable_scopes(tier, program))
    return "completed" if scopes and fits else "in_progress"


def _tier_title(found: Draft, program: Program) -> str:
    tier = program.tier(found.answers.get("tier", ""))
    return tier.title if tier else ""


@zone.route_for("/drafts/<draft_id>/sections/<section_id>", SIGNED_IN, methods=("GET", "POST"))
def section(draft_id: str, section_id: str) -> str | Response:
    found = drafts.get(draft_id, current_user.actor)
    program = programs.named(found.program)
    wanted = program_form.section_of(program, section_id)
    if wanted is None:
        raise NotFound("the form has no such section")
    form = program_form.build(wanted, found.answers)
    if request.method == "POST":
        return _save_section(found, program, wanted, form)
    return _section_page(found, program, wanted, form)


def _save_section(found: Draft, program: Program, wanted: Section, form: Any) -> str | Response:
    valid = form.validate_on_submit()
    drafts.save(found, program_form.to_stored(form, wanted), current_user.actor)
    if request.headers.get("X-Autosave") == "1":
        return _saved()
    if not valid:
        return _section_page(found, program, wanted, form)
    _claim_named_domain(found, program, wanted, form)
    if request.form.get("then") == "leave":
        return redirect(url_for("defender.draft", draft_id=found.id))
    return redirect(_after(found, program, wanted))


def _saved() -> JsonResponse:
    return jsonify(saved=True)


def _claim_named_domain(found: Draft, program: Program, wanted: Section, form: Any) -> None:
    if found.org_id not in current_user.actor.memberships:
        return  # a guest writes the name down; a member claims it
    question = program.question_meaning("domain")
    if question and question in wanted.questions and form[question.id].data:
        claim(found.org_id, form[question.id].data, current_user.actor)


def _after(found: Draft, program: Program, wanted: Section) -> str:
    """The next section, or the list after the last one."""
    here = program.sections.index(wanted)
    if here + 1 < len(program.sections):
        following = program.sections[here + 1].id
        return url_for("defender.section", draft_id=found.id, section_id=following)
    return url_for("defender.access", draft_id=found.id)


def _section_page(found: Draft, program: Program, wanted: Section, form: Any) -> str:
    return render_template(
        "defender/section.html",
        draft=found,
        section=wanted,
        form=form,
        questions=program_form.typed_questions(wanted),
        files=[q for q in wanted.questions if q.kind == "file"],
        number=program.sections.index(wanted) + 1,
        total=len(program.sections),
    )


@zone.route_for("/drafts/<draft_id>/access", SIGNED_IN, methods=("GET", "POST"))
def access(draft_id: str) -> str | Response:
    found = drafts.get(draft_id, current_user.actor)
    program = programs.named(found.program)
    form = AccessForm(data={k: found.answers[k] for k in ("tier", "scopes") if k in found.answers})
    form.tier.choices = [SelectChoice(t.id, t.title) for t in program.tiers]
    form.scopes.choices = [SelectChoice(s.id, s.title) for s in program.scopes]
    beyond = ""
    if form.validate_on_submit():
        tier = program.tier(form.tier.data)
        chosen = form.scopes.data or []
        drafts.save(found, {"tier": form.tier.data, "scopes": chosen}, current_user.actor)
        outside = [s for s in chosen if tier and s not in reachable_scopes(tier, program)]
        if not outside:
            return redirect(url_for("defender.draft", draft_id=draft_id))
        titles = [s.title for s in program.scopes if s.id in outside]
        level = tier.title if tier else ""
        beyond = f"{level} does not include {', '.join(titles)}. Choose a higher level, or less."
    return render_template(
        "defender/access.html", draft=found, program=program, form=form, beyond=beyond
    )
