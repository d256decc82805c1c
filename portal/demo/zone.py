"""Pages that exist in demo mode alone: caught mail, and signing in as any of the cast.

`portal.app` registers them only when the settings say demo, which only `portal demo` does.
"""

from __future__ import annotations

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.boards import applications
from portal.demo.cast import PEOPLE
from portal.demo.dns import ZoneFile
from portal.demo.signing import authenticator, give_passkey, signed
from portal.desk import links
from portal.evidence.dns import CHALLENGE, InvalidDomain, challenge_name
from portal.guard import PUBLIC, SIGNED_IN, Zone
from portal.identity import passkeys, signing_in
from portal.installation import settings
from portal.ledger import perform
from portal.notices import mail
from portal.zones.staff import prepared
from workflows.actors import Actor, Strength
from workflows.errors import NotFound

zone = Zone("dev", __name__, url_prefix="/dev")
NONE = Strength.NONE


@zone.route_for("/", PUBLIC, strength=NONE)
def start() -> str:
    return render_template("dev/start.html", people=PEOPLE)


@zone.route_for("/mail", PUBLIC, strength=NONE)
def mailbox() -> str:
    return render_template("dev/mail.html", mails=mail.captured())


@zone.route_for("/mail.json", PUBLIC, strength=NONE)
def mailbox_json() -> Response:
    found = [{"to": m.to, "subject": m.subject, "text": m.text} for m in mail.captured()]
    return Response(json.dumps(found), mimetype="application/json")


@zone.route_for("/sign-in/<key>", PUBLIC, methods=("GET", "POST"), strength=NONE)
def sign_in(key: str) -> str | AnyResponse:
    """A page whose button signs in as one of the cast, by link or by the demo's own passkey."""
    person = next((p for p in PEOPLE if p.key == key), None)
    account = links.account_of(person.address) if person else None
    if person is None or account is None:
        raise NotFound("nobody of the cast has this name yet", remedy="let the demo's walk finish")
    if request.method == "POST":
        if request.form.get("by") == "passkey":
            _with_passkey(account, person.name)
            return redirect(url_for("public.home"))
        signing_in.begin(account, Strength.LINK)
        return redirect(url_for("public.account", welcome=1))
    return render_template("dev/sign_in.html", person=person)


def _with_passkey(account: str, name: str) -> None:
    """The whole ceremony, with the demo's authenticator in the place of a device."""
    device, origin = authenticator(), settings().base_url
    give_passkey(device, Actor(account, strength=Strength.LINK), name)
    options = json.loads(passkeys.sign_in_options())
    signing_in.begin(passkeys.sign_in(device.sign_in(account, options, origin)), Strength.PASSKEY)


@zone.route_for("/step-up", SIGNED_IN, methods=("POST",))
def step_up() -> AnyResponse:
    """For somebody without a device at hand: the demo's passkey answers once more."""
    _with_passkey(current_user.actor.id, current_user.name)
    flash("The demo's passkey answered. Now send it again.", "good")
    return redirect(url_for("public.home"))


@zone.route_for("/sign/<application_id>", "decider", methods=("POST",), strength=Strength.PASSKEY)
def sign_decision(application_id: str) -> AnyResponse:
    """For a decider without a device at hand: the demo's passkey signs the letter that is shown."""
    actor, device = current_user.actor, authenticator()
    row = applications.get(application_id, actor)
    shown = prepared.unseal(actor, application_id, request.form.get("prepared", ""))
    give_passkey(device, actor, current_user.name)
    perform(signed(device, actor, shown, row.program_version), actor)
    flash("Decided, and signed with the demo's passkey.", "good")
    return redirect(url_for("staff.case", application_id=application_id))


@zone.route_for("/dns", PUBLIC, methods=("GET", "POST"), strength=NONE)
def dns() -> str | AnyResponse:
    """The demo's name server: put a TXT record there, as one would at a registrar."""
    zone_file = ZoneFile(settings().data_dir / "dns.json")
    if request.method == "POST":
        domain, value = (
            request.form.get("domain", "").strip(),
            request.form.get("value", "").strip(),
        )
        domain = domain.removeprefix(f"{CHALLENGE}.")  # the name as the page offers it to copy
        try:
            zone_file.set_txt(challenge_name(domain), *([value] if value else []))
            flash("The record is in the demo's DNS.", "good")
        except InvalidDomain as wrong:
            flash(f"This is not a domain name: {wrong}.", "bad")
        return redirect(url_for("dev.dns"))
    return render_template("dev/dns.html", records=zone_file.read())
