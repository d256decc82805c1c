"""An organization's domains: claimed, proven, looked at now, given up."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, spelling
from portal.boards import domains
from portal.desk import domain_looks
from portal.evidence import domains as looks
from portal.evidence import facts
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.forms import DomainForm
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.checks import Verdict, domain_control
from workflows.organization import proofs
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.drop_domain import DropDomain
from workflows.organization.proofs import DNS, FILE, FileOutcome

CHALLENGE_DAYS = 14
_PLACES = {DNS: "in the DNS", FILE: "in the file"}


def claim(org_id: str, domain: str, actor: Actor) -> None:
    """Claim a domain with a fresh token, unless it is claimed or proven already."""
    row = domains.claim(org_id, domain, actor)
    if row is not None and (row.verified_at or row.expires_at > clock.now_iso()):
        return
    perform(
        ClaimDomain(
            org_id,
            domain=domain,
            token=f"ta-{secrets.token_hex(16)}",
            expires_at=clock.iso_in(days=CHALLENGE_DAYS),
        ),
        actor,
    )
    domain_looks.forget(org_id, domain)


def _back(org_id: str) -> Response:
    return redirect(url_for("defender.organization", org_id=org_id))


@zone.route_for("/organizations/<org_id>/domains", SIGNED_IN, methods=("POST",))
def claim_domain(org_id: str) -> Response:
    check_own(org_id)
    form = DomainForm()
    if form.validate_on_submit():
        try:
            claim(org_id, spelling.own_domain(form.domain.data or ""), current_user.actor)
        except spelling.InvalidDomain as wrong:
            flash(f"Enter the name alone, such as cert.example: {wrong}.", "bad")
    else:
        flash("Enter a domain name such as cert.example.", "bad")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/domains/<domain>/check", SIGNED_IN, methods=("POST",))
def check_domain(org_id: str, domain: str) -> Response:
    """Look for the token now, so that nobody waits for a queue to learn of a typing error."""
    row = domains.claim(org_id, domain, check_own(org_id))
    if row is None:
        flash("This domain is not claimed.", "bad")
    elif row.verified_at:
        look = looks.look_again(org_id, domain)
        if look is not None and look.ways:
            flash(f"Found {_PLACES[look.ways[0]]}. {domain} stays proven.", "good")
        elif look is not None:
            flash(f"Not found. {_instead(look)}", "warn")
    else:
        _first_look(row)
    return _back(org_id)


def _first_look(row: Any) -> None:
    look = looks.look_up(row.domain, row.token)
    domain_looks.seen(row.org_id, row.domain, look.outcomes)
    if domain_control.judge(facts.challenge_facts(row, look)).verdict is Verdict.PASS:
        where = _PLACES[look.ways[0]]
        if looks.note_found(row.org_id, row.domain, row.token, look):
            flash(f"Found {where}. {row.domain} is proven.", "good")
        else:
            flash(
                f"Found {where}, but another organization proved {row.domain} before you. Program "
                "staff look at it and tell you both.", "warn",
            )  # fmt: skip
    elif look.ways:
        flash("The token is there, but its time is up. Claim the domain again.", "warn")
    else:
        flash(f"Not found yet. {_instead(look)} New records take minutes to appear.", "warn")


def _instead(look: looks.Look) -> str:
    """What was found in place of the token, at either place."""
    found = f"DNS: {proofs.words(look.record.outcome)}."
    if look.file.outcome is FileOutcome.NOT_ASKED:
        return found
    return f"{found} File: {proofs.words(look.file.outcome)}."


@zone.route_for("/organizations/<org_id>/domains/<domain>/drop", SIGNED_IN, methods=("POST",))
def drop_domain(org_id: str, domain: str) -> Response:
    perform(DropDomain(org_id, domain), check_own(org_id))
    flash(f"{domain} is given up.", "good")
    return _back(org_id)
