"""Signing in through one's organization: the way there, back, and linking what came back."""

from __future__ import annotations

import secrets

from flask import Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.boards import accounts
from portal.desk import links
from portal.extensions import limiter
from portal.guard import PUBLIC, SIGNED_IN
from portal.identity import client_keys, linking, requirement, sign_on, signing_in
from portal.ledger import outbox
from portal.limits import SIGN_IN
from portal.zones.public.forms import AddressForm, PasskeyForm, WorkAddressForm
from portal.zones.public.signing_in import sign_in_page
from portal.zones.public.zone import zone
from workflows.actors import Strength
from workflows.reactions import Effect

_BROWSER = "sign_on_browser"  # a secret of this browser, for as long as it is on its way


@zone.route_for("/sign-in/organization", PUBLIC, methods=("POST",), strength=Strength.NONE)
@limiter.limit(SIGN_IN)
def find_organization() -> str | AnyResponse:
    """By the domain alone: whether anybody has an account is not asked."""
    form = WorkAddressForm()
    if form.validate_on_submit():
        row = requirement.configured_for(form.work_email.data or "")
        if row is not None:
            return redirect(url_for("public.start_sign_on", org_id=row.org_id))
        form.work_email.errors = ["No organization signs people with this domain in here"]
    return sign_in_page(AddressForm(formdata=None), form)


@zone.route_for("/sign-on/<org_id>/start", PUBLIC, strength=Strength.NONE)
@limiter.limit(SIGN_IN)
def start_sign_on(org_id: str) -> AnyResponse:
    """A page whose link leads to the provider. That somebody presses it keeps other sites from
    signing a browser in unasked, and the policy on forms from holding the redirect up."""
    browser = session.setdefault(_BROWSER, secrets.token_urlsafe(32))
    host, url = sign_on.begin(org_id, browser)
    answer = Response(render_template("public/start_sign_on.html", host=host, url=url))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@zone.route_for("/sign-on/callback", PUBLIC, strength=Strength.NONE)
@limiter.limit(SIGN_IN)
def sign_on_callback() -> AnyResponse:
    vouched = sign_on.come_back(request.args, session.get(_BROWSER, ""))
    account = linking.account_of(vouched)
    if not account:
        return redirect(url_for("public.confirm_sign_on"))
    org_id = vouched.attempt.org_id
    signing_in.begin(account, linking.strength_of(vouched, account), via=org_id)
    if org_id not in current_user.actor.memberships:
        flash(
            "You are signed in. That alone makes nobody a member of an organization: ask a "
            "colleague who looks after yours to invite you.",
            "info",
        )
    return redirect(url_for("public.home"))


@zone.route_for("/sign-on/confirm", PUBLIC, strength=Strength.NONE)
def confirm_sign_on() -> str:
    """What waits in this browser, and whose it could be."""
    pending = linking.pending_here()
    if pending is None:
        raise linking.nothing_waits()
    return render_template(
        "public/confirm_sign_on.html",
        issuer=pending.issuer,
        mine=current_user.is_authenticated and current_user.actor.id == pending.account,
        somebody_else=current_user.is_authenticated and current_user.actor.id != pending.account,
        passkeys=accounts.passkeys_of(pending.account),
        strong=current_user.own.strength >= Strength.PASSKEY,
        passkey=PasskeyForm(),
    )


@zone.route_for("/sign-on/confirm/link", PUBLIC, methods=("POST",), strength=Strength.NONE)
@limiter.limit(SIGN_IN)
def mail_for_sign_on() -> AnyResponse:
    """Mail the person of the account a link, which opens here."""
    pending = linking.pending_here()
    address = accounts.address(pending.account) if pending else None
    if address is None:
        raise linking.nothing_waits()
    link_id = links.make(address)
    outbox.enqueue(Effect("send_link", f"link:{link_id}", {"link": link_id}))
    return redirect(url_for("public.link_sent"))


@zone.route_for("/sign-on/confirm", SIGNED_IN, methods=("POST",))
def link_sign_on() -> AnyResponse:
    linking.confirm(current_user.own)
    flash("Linked. From now on you can sign in through your organization.", "good")
    return redirect(url_for("public.account"))


@zone.route_for("/sign-on/confirm/discard", PUBLIC, methods=("POST",), strength=Strength.NONE)
def discard_sign_on() -> AnyResponse:
    linking.discard()
    flash("Nothing was linked.", "good")
    return redirect(url_for("public.front"))


@zone.route_for("/account/sign-ons/<link>/remove", SIGNED_IN, methods=("POST",))
def unlink_sign_on(link: str) -> AnyResponse:
    linking.unlink(current_user.own, link)
    flash("It signs nobody in to your account any more.", "good")
    return redirect(url_for("public.account"))


@zone.route_for("/sign-on/<org_id>/jwks.json", PUBLIC, strength=Strength.NONE)
def sign_on_keys(org_id: str) -> AnyResponse:
    """Of an organization that has none, or does not exist, an empty set."""
    answer = jsonify(client_keys.published(org_id))
    answer.headers["Content-Type"] = "application/jwk-set+json"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
