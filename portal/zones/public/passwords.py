"""One's own password: set, with its authenticator, changed, removed; recovery codes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import accounts
from portal.extensions import limiter
from portal.guard import SIGNED_IN
from portal.identity import passwords, signing_in
from portal.identity.viewer import FRESH_MINUTES
from portal.limits import SIGN_IN
from portal.zones.public.forms import ChangePasswordForm, CodeForm, NewPasswordForm
from portal.zones.public.zone import zone
from workflows.actors import Strength
from workflows.errors import Invalid


@zone.route_for("/account/password", SIGNED_IN)
def password() -> str:
    return _page(ChangePasswordForm() if _has_password() else NewPasswordForm())


def _has_password() -> bool:
    row = accounts.get(current_user.actor.id)
    return bool(row and row.password)


def _page(form: NewPasswordForm, errors: dict[str, str] | None = None) -> str:
    actor = current_user.actor
    return render_template(
        "public/password.html",
        form=form,
        errors=errors or {},
        there=_has_password(),
        left=accounts.recovery_codes_left(actor.id),
        staff=current_user.is_staff,
        fresh=current_user.is_fresh,
        minutes=FRESH_MINUTES,
        # Who has a passkey sets a password with it; who has a password changes it with a code.
        too_weak=actor.strength < Strength.PASSKEY and bool(accounts.passkeys_of(actor.id))
        if not _has_password()
        else actor.strength < Strength.TOTP,
    )


@zone.route_for("/account/password", SIGNED_IN, methods=("POST",))
@limiter.limit(SIGN_IN)
def set_password() -> str | Response:
    """The first of two steps: what is set here counts once the app's code was proven."""
    current_user.check_fresh()
    passwords.check_may_set(current_user.actor)
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        passwords.begin(current_user.actor, form.password.data or "")
    except Invalid as refused:
        return _page(form, dict(refused.fields))
    return redirect(url_for("public.authenticator"))


@zone.route_for("/account/password/app", SIGNED_IN, methods=("GET", "POST"))
@limiter.limit(SIGN_IN, methods=["POST"])
def authenticator() -> str | Response:
    current_user.check_fresh()
    form, errors = CodeForm(), {}
    if form.validate_on_submit():
        try:
            return _turned_on(passwords.confirm(current_user.actor, form.code.data or ""))
        except Invalid as refused:
            errors = dict(refused.fields)
    set_up = passwords.set_up(current_user.actor)
    if set_up is None:
        flash("Begin with a password; an app is set up within fifteen minutes.", "warn")
        return redirect(url_for("public.password"))
    return render_template("public/authenticator.html", form=form, errors=errors, set_up=set_up)


def _turned_on(codes: list[str]) -> str:
    """Both were just proven: the sign-in grows with them."""
    if current_user.actor.strength < Strength.TOTP:
        signing_in.begin(current_user.actor.id, Strength.TOTP)
    return _codes(codes)


def _codes(codes: list[str]) -> str:
    """Shown once, in the answer itself: no cookie and no page that can be opened again has them.
    Whoever was signed in elsewhere, perhaps not this person, is out."""
    signing_in.end_elsewhere()
    return render_template("public/recovery_codes.html", codes=codes)


@zone.route_for("/account/password/change", SIGNED_IN, methods=("POST",))
@limiter.limit(SIGN_IN)
def change_password() -> str | Response:
    current_user.check_fresh()
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        passwords.change(current_user.actor, form.old.data or "", form.password.data or "")
    except Invalid as refused:
        return _page(form, dict(refused.fields))
    signing_in.end_elsewhere()
    flash("The password is changed, and you are signed out everywhere else.", "good")
    return redirect(url_for("public.password"))


@zone.route_for("/account/password/codes", SIGNED_IN, methods=("POST",))
def recovery_codes() -> str:
    current_user.check_fresh()
    return _codes(passwords.make_codes(current_user.actor))


@zone.route_for("/account/password/remove", SIGNED_IN, methods=("POST",))
def remove_password() -> Response:
    current_user.check_fresh()
    passwords.remove(current_user.actor)
    signing_in.end_elsewhere()
    flash("The password is removed, and you are signed out everywhere else.", "good")
    return redirect(url_for("public.account"))
