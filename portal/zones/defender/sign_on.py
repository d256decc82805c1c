"""An organization's single sign-on: asking its provider, configuring, requiring, removing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import domains, organizations, sign_ons
from portal.desk import client_secrets, sessions
from portal.extensions import limiter
from portal.guard import SIGNED_IN
from portal.identity import client_keys, providers, sign_on
from portal.identity.providers import Provider
from portal.installation import settings
from portal.ledger import perform
from portal.limits import INVITING
from portal.zones.defender.forms import SignOnForm
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows import roles
from workflows.actors import Actor
from workflows.errors import NotVouched
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.lift_sign_on_requirement import LiftSignOnRequirement
from workflows.organization.commands.remove_sign_on import RemoveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn


def _own(org_id: str) -> Actor:
    """The viewer with a strength of their own: no provider vouches for who configures it."""
    check_own(org_id)
    own: Actor = current_user.own
    return own


def _back(org_id: str) -> Response:
    return redirect(url_for("defender.sign_on_settings", org_id=org_id))


@zone.route_for("/organizations/<org_id>/sign-on", SIGNED_IN)
def sign_on_settings(org_id: str) -> str:
    row = sign_ons.of_organization(org_id, check_own(org_id))
    form = SignOnForm(formdata=None, obj=row) if row else SignOnForm(formdata=None)
    return _page(org_id, form, row)


def _page(org_id: str, form: SignOnForm, row: Any, said: Provider | None = None) -> str:
    actor = check_own(org_id)
    return render_template(
        "defender/sign_on.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        form=form,
        row=row,
        said=said,
        state="off" if row is None else "required" if row.required else "offered",
        proven=sign_ons.is_proven_by(org_id, actor.id),
        domains=[d.domain for d in domains.of_organization(org_id, actor) if d.verified_at],
        manages=bool(actor.memberships[org_id] & {"owner", "admin"}),
        redirect_uri=sign_on.redirect_uri(),
        jwks_uri=settings().base_url + url_for("public.sign_on_keys", org_id=org_id),
    )


@zone.route_for("/organizations/<org_id>/sign-on", SIGNED_IN, methods=("POST",))
@limiter.limit(INVITING)
def configure_sign_on(org_id: str) -> str | Response:
    """Ask the provider, and keep the configuration if that is what was pressed."""
    actor = _own(org_id)
    roles.check("organization", "active", "configure_sign_on", actor, org_id)
    form, row = SignOnForm(), sign_ons.of_organization(org_id, actor)
    if not form.validate_on_submit():
        return _page(org_id, form, row)
    try:
        said = providers.ask((form.issuer.data or "").strip())
    except NotVouched as refused:
        form.issuer.errors = [refused.message[:1].upper() + refused.message[1:]]
        return _page(org_id, form, row)
    client_keys.make(org_id)
    if request.form.get("then") != "save" or not _is_whole(form, row):
        return _page(org_id, form, row, said)
    _configure(org_id, form, actor)
    flash("Configured. Sign in through it once before you require it of others.", "good")
    return _back(org_id)


def _is_whole(form: SignOnForm, row: Any) -> bool:
    """Whether everything is there to keep it; a secret goes to the provider that it was for."""
    if not (form.client_id.data or "").strip():
        form.client_id.errors = ["Enter the client id that the provider gave to the portal"]
        return False
    if form.authentication.data != client_keys.CLIENT_SECRET or form.client_secret.data:
        return True
    wanted = (form.issuer.data, form.client_id.data, client_keys.CLIENT_SECRET)
    if row is not None and (row.issuer, row.client_id, row.authentication) == wanted:
        return True
    form.client_secret.errors = ["Enter the client secret"]
    return False


def _configure(org_id: str, form: SignOnForm, actor: Actor) -> None:
    perform(
        ConfigureSignOn(
            org_id,
            issuer=(form.issuer.data or "").strip(),
            client_id=(form.client_id.data or "").strip(),
            authentication=form.authentication.data or "",
            counts_as_passkey=bool(form.counts_as_passkey.data),
        ),
        actor,
    )
    if form.authentication.data != client_keys.CLIENT_SECRET:
        client_secrets.forget(org_id, client_keys.CLIENT_SECRET)
    elif form.client_secret.data:
        client_secrets.keep(org_id, client_keys.CLIENT_SECRET, form.client_secret.data)
    sessions.end_via(org_id)


@zone.route_for("/organizations/<org_id>/sign-on/require", SIGNED_IN, methods=("POST",))
def require_sign_on(org_id: str) -> Response:
    perform(RequireSignOn(org_id), _own(org_id))
    flash("Required. A mailed link signs nobody in any more who has an address of yours.", "good")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/sign-on/lift", SIGNED_IN, methods=("POST",))
def lift_sign_on_requirement(org_id: str) -> Response:
    perform(LiftSignOnRequirement(org_id), _own(org_id))
    flash("No longer required.", "good")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/sign-on/remove", SIGNED_IN, methods=("POST",))
def remove_sign_on(org_id: str) -> Response:
    perform(RemoveSignOn(org_id), _own(org_id))
    client_secrets.forget(org_id, client_keys.PRIVATE_KEY_JWT, client_keys.CLIENT_SECRET)
    sessions.end_via(org_id)
    flash("Removed. Who was signed in through it is signed out.", "good")
    return _back(org_id)
