"""Signing in with a password, then a code: two pages that say the same to everybody."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.extensions import limiter
from portal.guard import PUBLIC
from portal.identity import password_sign_in as by_password
from portal.identity import signing_in
from portal.limits import SIGN_IN, count_try, succeeded
from portal.zones.public.forms import CodeForm, PasswordSignInForm
from portal.zones.public.signing_in import safe_next
from portal.zones.public.zone import zone
from workflows.actors import Strength

FAILED = (
    "The address, the password or the code was wrong, or there were too many attempts; a code "
    "is taken within five minutes. Begin again here; a passkey and a mailed link work in any case."
)
_STEP, _NEXT = "password_step", "password_next"


@zone.route_for("/sign-in/password", PUBLIC, methods=("GET", "POST"), strength=Strength.NONE)
@limiter.limit(SIGN_IN, methods=["POST"])
def password_sign_in() -> str | Response:
    form = PasswordSignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        count_try("password")
        session[_STEP] = by_password.first(form.email.data or "", form.password.data or "")
        session[_NEXT] = safe_next(form.next.data)
        return redirect(url_for("public.password_code"))
    return render_template("public/password_sign_in.html", form=form)


@zone.route_for("/sign-in/password/code", PUBLIC, methods=("GET", "POST"), strength=Strength.NONE)
@limiter.limit(SIGN_IN, methods=["POST"])
def password_code() -> str | Response:
    """One try a password: a wrong code leads back to the first page, whatever was wrong."""
    form = CodeForm()
    if _STEP not in session:
        return redirect(url_for("public.password_sign_in"))
    if not form.validate_on_submit():
        return render_template("public/password_code.html", form=form)
    onward = safe_next(session.pop(_NEXT, None))
    account = by_password.second(session.pop(_STEP), form.code.data or "")
    if account is None:
        flash(FAILED, "bad")
        return redirect(url_for("public.password_sign_in"))
    succeeded("password")
    signing_in.begin(account, Strength.TOTP)
    return redirect(onward)
