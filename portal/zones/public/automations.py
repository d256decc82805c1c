"""Keys with which one's own programs read what one sees."""

from __future__ import annotations

import json

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, ids, vault
from portal.boards import automations as board
from portal.guard import SIGNED_IN
from portal.installation import settings
from portal.issuing import minting, public_keys
from portal.ledger import perform
from portal.zones.public.forms import AutomationForm
from portal.zones.public.zone import zone
from workflows.account.automations import SCOPES
from workflows.account.commands.register_automation import RegisterAutomation
from workflows.account.commands.revoke_automation import RevokeAutomation
from workflows.actors import Strength
from workflows.errors import Conflict, Invalid


@zone.route_for("/account/automations", SIGNED_IN)
def automations() -> str:
    return _page(AutomationForm(formdata=None), {})


@zone.route_for("/account/automations", SIGNED_IN, methods=("POST",))
def register_automation() -> str | Response:
    form = AutomationForm()
    if not form.validate_on_submit():
        return _page(form, {})
    try:
        _register(form)
    except (Invalid, Conflict) as no:
        return _page(form, no.fields or {"jwk": f"{no.message[:1].upper()}{no.message[1:]}."})
    flash("The key is registered. How to use it stands below.", "good")
    return redirect(url_for("public.automations"))


def _register(form: AutomationForm) -> None:
    actor = current_user.own
    key = public_keys.parse(form.jwk.data or "")
    perform(
        RegisterAutomation(
            actor.id,
            automation=ids.new("aut"),
            jkt=key.jkt,
            jwk=key.jwk,
            label=vault.put(actor.id, (form.label.data or "").strip()),
            scopes=tuple(form.scopes.data or ()),
            days=int(form.days.data or 0),
        ),
        actor,
    )


@zone.route_for("/account/automations/<automation>/revoke", SIGNED_IN, methods=("POST",))
def revoke_automation(automation: str) -> Response:
    actor = current_user.own
    perform(RevokeAutomation(actor.id, automation), actor)
    flash("Revoked. It gets nothing from now on.", "good")
    return redirect(url_for("public.automations"))


def _page(form: AutomationForm, refused: dict[str, str]) -> str:
    rows = board.of_person(current_user.actor.id)
    return render_template(
        "public/automations.html",
        form=form,
        refused=refused,
        rows=rows,
        labels=vault.texts(row.label_ref for row in rows),
        scopes={row.id: json.loads(row.scopes) for row in rows},
        words=SCOPES,
        now=clock.now_iso(),
        passkey=current_user.own.strength >= Strength.PASSKEY,
        issuer=settings().base_url,
        api=minting.api(),
    )
