"""The address of one's account: changing it, proving it by mail, putting the former one back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import accounts
from portal.desk import address_changes
from portal.extensions import limiter
from portal.guard import PUBLIC, SIGNED_IN
from portal.identity import address_change, signing_in
from portal.identity.viewer import FRESH_MINUTES
from portal.ledger import perform
from portal.limits import SIGN_IN, count_try
from portal.zones.public.forms import LinkForm, NewAddressForm
from portal.zones.public.zone import zone
from workflows.account.addresses import UNDO
from workflows.account.commands.allow_mailed_links import AllowMailedLinks
from workflows.actors import Strength
from workflows.errors import Invalid


@zone.route_for("/account/address", SIGNED_IN)
def address() -> str:
    return _page(NewAddressForm())


def _page(form: NewAddressForm, errors: dict[str, str] | None = None) -> str:
    own = current_user.own
    return render_template(
        "public/address.html",
        form=form,
        errors=errors or {},
        present=accounts.address(own.id),
        waiting=address_changes.waiting(own.id),
        fresh=current_user.is_fresh,
        too_weak=own.strength < Strength.PASSKEY and bool(accounts.passkeys_of(own.id)),
        minutes=FRESH_MINUTES,
        days=UNDO.days,
    )


@zone.route_for("/account/address", SIGNED_IN, methods=("POST",))
@limiter.limit(SIGN_IN)
def ask_address_change() -> str | Response:
    """The same words whoever has the new address: its mail alone tells."""
    current_user.check_fresh()
    form = NewAddressForm()
    if not form.validate_on_submit():
        return _page(form)
    count_try("link")
    try:
        address_change.ask(current_user.own, form.email.data or "")
    except Invalid as refused:
        return _page(form, dict(refused.fields))
    flash("We sent a mail to the new address. It says how to go on.", "good")
    return redirect(url_for("public.address"))


@zone.route_for("/account/address/cancel", SIGNED_IN, methods=("POST",))
def cancel_address_change() -> Response:
    """Whatever they signed in with is enough to stop it."""
    address_changes.cancel(current_user.actor.id)
    flash("Nothing will change. The link in the mail no longer works.", "good")
    return redirect(url_for("public.address"))


@zone.route_for("/account/address/<token>", SIGNED_IN, methods=("GET", "POST"))
@limiter.limit(SIGN_IN, methods=["POST"])
def confirm_address(token: str) -> str | Response:
    """A page whose button uses the link up, for whoever is signed in as the one who asked."""
    change = address_changes.to_confirm(token, current_user.actor.id)
    if change is None:
        raise address_change.spent()
    form = LinkForm()
    if form.validate_on_submit():
        address_change.confirm(current_user.own, token)
        signing_in.end_elsewhere()
        flash("The new address counts from now on, and you are signed out everywhere else.", "good")
        return redirect(url_for("public.account"))
    return render_template(
        "public/confirm_address.html",
        form=form,
        new=change.address,
        present=accounts.address(current_user.actor.id),
        days=UNDO.days,
        here=request.path,
    )


@zone.route_for("/address-undo/<token>", PUBLIC, methods=("GET", "POST"), strength=Strength.NONE)
@limiter.limit(SIGN_IN, methods=["POST"])
def undo_address_change(token: str) -> str | Response:
    """For whoever reads the former address's mail; it signs nobody in."""
    if address_changes.to_undo(token) is None:
        raise address_change.spent()
    form = LinkForm()
    if form.validate_on_submit():
        address_change.undo(token)
        return redirect(url_for("public.address_put_back"))
    return render_template("public/undo_address.html", form=form, here=request.path)


@zone.route_for("/address-put-back", PUBLIC, strength=Strength.NONE)
def address_put_back() -> str:
    """What to do next; the same for everybody."""
    return render_template("public/address_put_back.html")


@zone.route_for("/account/links/allow", SIGNED_IN, methods=("POST",))
def allow_mailed_links() -> Response:
    perform(AllowMailedLinks(current_user.actor.id), current_user.own)
    flash("Mailed links sign you in again.", "good")
    return redirect(url_for("public.account"))
