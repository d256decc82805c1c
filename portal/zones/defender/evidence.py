"""Evidence files of a draft: upload, look at, remove."""

from __future__ import annotations

from flask import (
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import vault
from portal.boards import programs
from portal.desk import drafts
from portal.evidence import files
from portal.guard import SIGNED_IN
from portal.headers import SANDBOX
from portal.installation import settings
from portal.zones.defender.forms import FileForm
from portal.zones.defender.zone import zone
from workflows.errors import Invalid, NotFound
from workflows.program import Program, Question


def _question(program: Program, question_id: str) -> Question:
    for question in program.questions:
        if question.id == question_id and question.kind == "file":
            return question
    raise NotFound("the form asks for no such file")


@zone.route_for("/drafts/<draft_id>/files/<question_id>", SIGNED_IN, methods=("GET", "POST"))
def upload_file(draft_id: str, question_id: str) -> AnyResponse:
    found = drafts.get(draft_id, current_user.actor)
    program = programs.named(found.program)
    question = _question(program, question_id)
    form, refused = FileForm(), {}
    if form.validate_on_submit():
        content = form.file.data.read()
        try:
            kind = files.sniff(content, settings().upload_max_bytes)
        except Invalid as invalid:
            refused = invalid.fields
        else:
            drafts.attach(found, question.id, vault.put(found.org_id, content))
            about = {
                "name": files.safe_name(form.file.data.filename or ""),
                "type": kind.media_type,
                "size": len(content),
            }
            drafts.save(found, {f"file:{question.id}": about}, current_user.actor)
            flash(
                "The file is kept, encrypted for your organization and its case.",
                "good",
            )
            section = next(s for s in program.sections if question in s.questions)
            after = url_for("defender.section", draft_id=draft_id, section_id=section.id)
            if request.headers.get("X-Upload") == "1":
                return jsonify(next=after)
            return redirect(after)
    page = render_template(
        "defender/file.html",
        draft=found,
        question=question,
        form=form,
        refused=refused,
        kept=found.answers.get(f"file:{question.id}") if question.id in found.files else None,
        most=settings().upload_max_bytes,
        kinds=files.WORDS,
    )
    # The upload script shows a page with an error only when its status says so.
    return make_response(page, 422 if form.errors or refused else 200)


@zone.route_for("/drafts/<draft_id>/files/<question_id>/remove", SIGNED_IN, methods=("POST",))
def remove_file(draft_id: str, question_id: str) -> AnyResponse:
    found = drafts.get(draft_id, current_user.actor)
    drafts.detach(found, _question(programs.named(found.program), question_id).id)
    drafts.save(found, {f"file:{question_id}": None}, current_user.actor)
    return redirect(url_for("defender.upload_file", draft_id=draft_id, question_id=question_id))


def attachment(content: bytes | None, name: str) -> Response:
    """A file as a download that no browser runs, whatever is in it."""
    if content is None:
        raise NotFound("the file was erased")
    response = Response(content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@zone.route_for("/drafts/<draft_id>/files/<question_id>/download", SIGNED_IN)
def download_draft_file(draft_id: str, question_id: str) -> Response:
    found = drafts.get(draft_id, current_user.actor)
    if question_id not in found.files:
        raise NotFound("there is no such file")
    about = found.answers.get(f"file:{question_id}") or {}
    return attachment(vault.read(found.files[question_id].id), about.get("name", "file"))
