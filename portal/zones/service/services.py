"""Register a service, approve it, give it a key, see how to verify."""

from __future__ import annotations

import json

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import ids
from portal.boards import accounts, programs
from portal.boards import services as board
from portal.installation import settings
from portal.issuing import public_keys
from portal.ledger import perform
from portal.zones.service.forms import KeyForm, ServiceForm
from portal.zones.service.zone import zone
from workflows.actors import Actor, Strength
from workflows.errors import Conflict, Invalid
from workflows.service.commands.approve import Approve
from workflows.service.commands.register import Register
from workflows.service.commands.register_key import RegisterKey

READERS = ("service_developer", "service_manager", "program_manager", "auditor")
PASSKEY = Strength.PASSKEY


@zone.route_for("/", *READERS, strength=PASSKEY)
def services() -> str:
    viewer: Actor = current_user.actor
    return render_template(
        "service/services.html",
        rows=board.visible_to(viewer),
        may_register="service_developer" in viewer.roles,
    )


@zone.route_for("/new", "service_developer", methods=("GET", "POST"), strength=PASSKEY)
def new_service() -> str | Response:
    form, refused = ServiceForm(), {}
    form.scopes.choices = [
        SelectChoice(s.id, f"{s.title} ({program.title})") for program in programs.active()
        for s in program.scopes
    ]  # fmt: skip
    if form.validate_on_submit():
        service_id = ids.new("svc")
        try:
            perform(
                Register(
                    service_id,
                    name=(form.name.data or "").strip(),
                    audience=(form.audience.data or "").strip().rstrip("/"),
                    scopes=tuple(form.scopes.data or ()),
                ),
                current_user.actor,
            )
        except (Invalid, Conflict) as no:
            refused = no.fields or {"audience": f"{no.message[:1].upper()}{no.message[1:]}."}
        else:
            flash("Registered. A service manager approves it before tokens are minted.", "good")
            return redirect(url_for("service.service", service_id=service_id))
    return render_template("service/new_service.html", form=form, refused=refused)


@zone.route_for("/<service_id>", *READERS, methods=("GET", "POST"), strength=PASSKEY)
def service(service_id: str) -> str | Response:
    """The service; its developer posts the public key here."""
    viewer: Actor = current_user.actor
    row = board.get(service_id, viewer)
    form, refused = KeyForm(), {}
    if form.validate_on_submit():
        try:
            key = public_keys.parse(form.jwk.data or "")
            perform(RegisterKey(service_id, jkt=key.jkt, jwk=key.jwk), viewer)
        except (Invalid, Conflict) as no:
            refused = no.fields or {"jwk": f"{no.message[:1].upper()}{no.message[1:]}."}
        else:
            flash("The key is registered; the one before it, if any, is not used any more.", "good")
            return redirect(url_for("service.service", service_id=service_id))
    return render_template(
        "service/service.html",
        row=row,
        scopes=json.loads(row.scopes),
        developer=accounts.names([row.developer])[row.developer],
        mine=row.developer == viewer.id and "service_developer" in viewer.roles,
        may_approve="service_manager" in viewer.roles and row.status == "proposed",
        issuer=settings().base_url,
        form=form,
        refused=refused,
    )


@zone.route_for("/<service_id>/approve", "service_manager", methods=("POST",), strength=PASSKEY)
def approve_service(service_id: str) -> Response:
    board.get(service_id, current_user.actor)
    perform(Approve(service_id), current_user.actor)
    flash("Approved. Tokens for its audience can be minted now.", "good")
    return redirect(url_for("service.service", service_id=service_id))
