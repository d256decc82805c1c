"""One's own account: passkeys, memberships, what this sign-in opens."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import vault
from portal.boards import accounts, invitations, organizations, recoveries, sign_ons
from portal.desk import invitees, passkey_uses
from portal.guard import SIGNED_IN
from portal.identity import signing_in
from portal.ledger import perform
from portal.zones.public.forms import PasskeyForm, PasskeyNameForm
from portal.zones.public.zone import zone
from workflows.account.commands.cancel_recovery import CancelRecovery
from workflows.account.commands.remove_passkey import RemovePasskey
from workflows.account.commands.rename_passkey import RenamePasskey
from workflows.actors import Strength
from workflows.words import STATUSES


@zone.route_for("/account/passkeys/remove", SIGNED_IN, methods=("POST",))
def remove_passkey() -> Response:
    """Whoever held that passkey is signed out with it, wherever they were."""
    actor = current_user.own
    passkey = request.form.get("passkey", "")
    perform(RemovePasskey(actor.id, passkey), actor)
    passkey_uses.forget(passkey)
    signing_in.end_elsewhere()
    flash("The passkey is removed, and you are signed out everywhere else.", "good")
    return redirect(url_for("public.account"))


@zone.route_for("/account/passkeys/rename", SIGNED_IN, methods=("POST",))
def rename_passkey() -> Response:
    """The former name is nobody's business any more: it leaves the vault."""
    actor, form = current_user.own, PasskeyNameForm()
    if not form.validate_on_submit():
        flash("A passkey’s name has 1 to 80 characters.", "bad")
        return redirect(url_for("public.account"))
    passkey = form.passkey.data or ""
    former = [p.label_ref for p in accounts.passkeys_of(actor.id) if p.passkey == passkey]
    label = vault.put(actor.id, (form.label.data or "").strip())
    perform(RenamePasskey(actor.id, passkey, label), actor)
    vault.drop(former)
    flash("The passkey has its new name.", "good")
    return redirect(url_for("public.account"))


@zone.route_for("/account/recovery/cancel", SIGNED_IN, methods=("POST",))
def cancel_recovery() -> Response:
    """Whatever they still have is enough to stop it."""
    perform(CancelRecovery(current_user.actor.id), current_user.actor)
    flash("The recovery is stopped. Tell whoever proposed it.", "good")
    return redirect(url_for("public.account"))


def _name_form(number: int, passkey: str, label: str) -> PasskeyNameForm:
    """One of several on a page: each field with an id of its own."""
    form = PasskeyNameForm(formdata=None, passkey=passkey, label=label)
    for field in (form.passkey, form.label):
        field.id = f"{field.id}-{number}"
    return form


@zone.route_for("/account", SIGNED_IN)
def account() -> str:
    actor = current_user.actor
    rows = accounts.passkeys_of(actor.id)
    labels = vault.texts(row.label_ref for row in rows)
    used = passkey_uses.last_used([row.passkey for row in rows])
    keys = [
        {
            "id": row.passkey,
            "label": labels.get(row.label_ref, "Passkey"),
            "added_at": row.added_at,
            "used_at": used.get(row.passkey),
            "synced": bool(row.backup_eligible),
            "form": _name_form(number, row.passkey, labels.get(row.label_ref, "Passkey")),
        }
        for number, row in enumerate(rows)
    ]
    mine = accounts.get(actor.id)
    return render_template(
        "public/account.html",
        keys=keys,
        address=accounts.address(actor.id),
        erasure_due=mine.erasure_due if mine else "",
        links_held=bool(mine and mine.links_held),
        enough=current_user.own.strength >= Strength.TOTP,
        form=PasskeyForm(),
        welcome=request.args.get("welcome") == "1",
        passkey=current_user.own.strength >= Strength.PASSKEY,
        how=STATUSES["sign_in"][actor.strength.name.lower()].label,
        via=current_user.via,
        sign_ons=sign_ons.linked_to(actor.id),
        roles=sorted(actor.roles),
        recovery=recoveries.under_way(actor, [actor.id]).get(actor.id),
        invitations=invitations.waiting_for(invitees.of(actor.id)),
        organizations=[
            {
                "name": name,
                "role": ", ".join(sorted(actor.memberships[org_id])),
                "href": url_for("defender.organization", org_id=org_id),
            }
            for org_id, name in organizations.names(actor.memberships).items()
        ],
    )
