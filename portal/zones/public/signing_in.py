"""Signing in by a mailed link or a passkey, and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.desk import links
from portal.desk.attempts import PASSKEYS
from portal.extensions import limiter
from portal.guard import PUBLIC, SIGNED_IN
from portal.identity import linking, passkeys, signing_in
from portal.ledger import outbox
from portal.limits import SIGN_IN, count_try, succeeded
from portal.zones.public.forms import (
    AddressForm,
    LinkForm,
    NameForm,
    PasskeyForm,
    WorkAddressForm,
)
from portal.zones.public.zone import zone
from workflows.actors import Strength
from workflows.errors import NotFound
from workflows.reactions import Effect


def safe_next(target: str | None) -> str:
    """Only a path of our own: a link in a mail must not send people elsewhere."""
    if target and target.startswith("/") and not target.startswith("//"):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and "\\" not in target:
            return target
    return url_for("public.home")


@zone.route_for("/sign-in", PUBLIC, methods=("GET", "POST"), strength=Strength.NONE)
@limiter.limit(SIGN_IN, methods=["POST"])
def sign_in() -> str | AnyResponse:
    form = AddressForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        count_try("link")
        link_id = links.make(form.email.data or "")
        outbox.enqueue(Effect("send_link", f"link:{link_id}", {"link": link_id}))
        return redirect(url_for("public.link_sent"))
    return sign_in_page(form, WorkAddressForm(formdata=None))


def sign_in_page(form: AddressForm, organization: WorkAddressForm) -> str:
    return render_template(
        "public/sign_in.html",
        form=form,
        organization=organization,
        passkey=PasskeyForm(),
        next=request.args.get("next", ""),
    )


@zone.route_for("/sign-in/sent", PUBLIC, strength=Strength.NONE)
def link_sent() -> str:
    return render_template("public/link_sent.html", minutes=links.MINUTES)


@zone.route_for("/link/<token>", PUBLIC, methods=("GET", "POST"), strength=Strength.NONE)
@limiter.limit(SIGN_IN, methods=["POST"])
def link(token: str) -> str | AnyResponse:
    """A page whose button uses the link up: a mail scanner that opens it uses nothing."""
    found = links.find(token)
    if found is None:
        raise NotFound(
            "this link has expired or was used already",
            code="link_spent",
            remedy="ask for a new one; each works once, for half an hour",
        )
    form = NameForm() if found.fresh else LinkForm()
    if form.validate_on_submit():
        name = form.name.data if isinstance(form, NameForm) else ""
        signing_in.begin(signing_in.by_link(token, (name or "").strip()), Strength.LINK)
        if linking.pending_here() is not None:
            return redirect(url_for("public.confirm_sign_on"))
        return redirect(url_for("public.account", welcome=1))
    return render_template("public/link.html", form=form, fresh=found.fresh)


@zone.route_for("/sign-in/passkey/options", PUBLIC, methods=("POST",), strength=Strength.NONE)
@limiter.limit("60 per minute")
def sign_in_options() -> Response:
    return Response(passkeys.sign_in_options(), mimetype="application/json")


@zone.route_for("/sign-in/passkey", PUBLIC, methods=("POST",), strength=Strength.NONE)
@limiter.limit(SIGN_IN)
def passkey_sign_in() -> AnyResponse:
    form = PasskeyForm()
    if not form.validate_on_submit():
        raise passkeys.not_verified()
    count_try("passkey", PASSKEYS)
    account = passkeys.sign_in(form.credential.data or "")
    succeeded("passkey", PASSKEYS)
    signing_in.begin(account, Strength.PASSKEY)
    return redirect(safe_next(request.form.get("next")))


@zone.route_for("/sign-out", SIGNED_IN, methods=("POST",))
def sign_out() -> AnyResponse:
    signing_in.end()
    flash("You are signed out.", "good")
    return redirect(url_for("public.front"))


@zone.route_for("/passkeys/step-up/options", SIGNED_IN, methods=("POST",))
def step_up_options() -> Response:
    return Response(passkeys.step_up_options(current_user.own), mimetype="application/json")


@zone.route_for("/passkeys/options", SIGNED_IN, methods=("POST",))
def passkey_options() -> Response:
    options = passkeys.registration_options(current_user.own, current_user.name)
    return Response(options, mimetype="application/json")


@zone.route_for("/passkeys", SIGNED_IN, methods=("POST",))
def add_passkey() -> AnyResponse:
    form = PasskeyForm()
    if current_user.own.strength < Strength.PASSKEY:  # the first one, with which all else opens
        current_user.check_fresh()
    if form.validate_on_submit():
        passkeys.register(
            current_user.own, form.credential.data or "", form.label.data or "",
            introduction=form.introduction.data or "",
        )  # fmt: skip
        # The person has just used it, with user verification: the session grows with it.
        signing_in.begin(current_user.actor.id, Strength.PASSKEY)
        flash("The passkey is on your account. From now on, sign in with it.", "good")
    else:
        flash("The browser sent no passkey. Try again.", "bad")
    return redirect(url_for("public.account"))
