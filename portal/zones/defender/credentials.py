"""Credentials: register a workload's key, see how to use it, revoke it."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import ids, vault
from portal.boards import accounts, grants, programs
from portal.guard import SIGNED_IN
from portal.installation import settings
from portal.issuing import public_keys
from portal.ledger import perform
from portal.zones.defender.forms import CredentialForm, ReasonForm
from portal.zones.defender.grants import own_grant, reachable_services
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.errors import Conflict, Invalid, NotFound
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.state import REASONS

_REASONS = [SelectChoice(r, r.replace("_", " ").capitalize()) for r in REASONS]


@zone.route_for("/grants/<grant_id>/credentials/new", SIGNED_IN, methods=("GET", "POST"))
def new_credential(grant_id: str) -> str | Response:
    row = own_grant(grant_id)
    check_own(row.org_id)  # a guest reads the grant and registers nothing
    form = CredentialForm()
    refused: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            credential_id = _register(row, form)
        except (Invalid, Conflict) as no:
            refused = no.fields or {"jwk": f"{no.message[:1].upper()}{no.message[1:]}."}
        else:
            flash("The key is registered. Here is how to use it.", "good")
            return redirect(url_for("defender.credential", credential_id=credential_id))
    return render_template("defender/new_credential.html", row=row, form=form, refused=refused)


def _register(row: Any, form: CredentialForm) -> str:
    key = public_keys.parse(form.jwk.data or "")
    credential_id = ids.new("cred")
    perform(
        RegisterCredential(
            stream=row.id,
            credential=credential_id,
            jkt=key.jkt,
            jwk=key.jwk,
            label=vault.put(row.org_id, (form.label.data or "").strip()),
        ),
        current_user.actor,
    )
    return credential_id


@zone.route_for("/credentials/<credential_id>", SIGNED_IN)
def credential(credential_id: str) -> str:
    viewer = current_user.actor
    row = grants.credential(credential_id, viewer)
    if row.org_id not in viewer.memberships:
        raise NotFound("there is no such credential")
    held = grants.get(row.grant_id, viewer)
    program = programs.by_version(held.program_version)
    scopes = json.loads(held.scopes)
    form = ReasonForm()
    form.reason.choices = _REASONS
    reachable = reachable_services(scopes)
    return render_template(
        "defender/credential.html",
        row=row,
        grant=held,
        tier=program.tier(held.tier),
        label=vault.text(row.label_ref),
        key=json.loads(row.jwk),
        by=accounts.names([row.registered_by])[row.registered_by],
        services=reachable,
        audience=reachable[0]["audience"] if reachable else "https://api.example",
        scope=" ".join(reachable[0]["scopes"] if reachable else scopes),
        issuer=settings().base_url,
        form=form,
        may_revoke=bool(viewer.memberships[row.org_id] & {"owner", "admin"}),
    )


@zone.route_for("/credentials/<credential_id>/revoke", SIGNED_IN, methods=("POST",))
def revoke_credential(credential_id: str) -> Response:
    row = grants.credential(credential_id, current_user.actor)
    if row.org_id not in current_user.actor.memberships:
        raise NotFound("there is no such credential")
    form = ReasonForm()
    form.reason.choices = _REASONS
    if form.validate_on_submit():
        perform(
            RevokeCredential(row.grant_id, credential=credential_id, reason=form.reason.data),
            current_user.actor,
        )
        flash("The key is revoked. It gets no token from now on.", "good")
    else:
        flash("Choose a reason.", "bad")
    return redirect(url_for("defender.credential", credential_id=credential_id))
