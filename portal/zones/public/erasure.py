"""Being forgotten: asking for it, and taking that back within a week."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import accounts, organizations
from portal.guard import SIGNED_IN
from portal.identity.viewer import FRESH_MINUTES
from portal.ledger import perform
from portal.zones.public.zone import zone
from workflows.account.commands.ask_erasure import AskErasure
from workflows.account.commands.take_back_erasure import TakeBackErasure
from workflows.account.erasure import WAIT
from workflows.actors import Strength


@zone.route_for("/account/data/erasure", SIGNED_IN)
def erasure() -> str:
    own = current_user.own
    belongs = organizations.belongs(own.id)
    owned = [org_id for org_id, role in belongs.items() if role == "owner"]
    row = accounts.get(own.id)
    return render_template(
        "public/erasure.html",
        due=row.erasure_due if row else "",
        staff=sorted(own.roles),
        shared=[
            {"name": name, "href": url_for("defender.members", org_id=org_id)}
            for org_id, name in organizations.names(owned).items()
            if organizations.size(org_id, own) > 1
        ],
        closing=[
            name
            for org_id, name in organizations.names(owned).items()
            if organizations.size(org_id, own) == 1
        ],
        others=sorted(organizations.names(set(belongs) - set(owned)).values()),
        fresh=current_user.is_fresh,
        too_weak=own.strength < Strength.PASSKEY and bool(accounts.passkeys_of(own.id)),
        minutes=FRESH_MINUTES,
        days=WAIT.days,
    )


@zone.route_for("/account/data/erasure", SIGNED_IN, methods=("POST",))
def ask_erasure() -> Response:
    current_user.check_fresh()
    own = current_user.own
    perform(AskErasure(own.id, tuple(organizations.belongs(own.id))), own)
    flash("Asked. Your account’s page has a button to take it back.", "good")
    return redirect(url_for("public.account"))


@zone.route_for("/account/data/erasure/take-back", SIGNED_IN, methods=("POST",))
def take_back_erasure() -> Response:
    """Whatever they signed in with is enough."""
    perform(TakeBackErasure(current_user.actor.id), current_user.actor)
    flash("Taken back. Nothing is erased.", "good")
    return redirect(url_for("public.account"))
