"""An organization's domains: claimed, proven, looked at now, given up."""

from __future__ import annotations

import secrets

from flask import flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock
from portal.boards import domains
from portal.evidence import dns, facts
from portal.evidence import domains as looks
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.forms import DomainForm
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.checks import Verdict, domain_control
from workflows.checks.domain_control import Outcome
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.drop_domain import DropDomain

CHALLENGE_DAYS = 14


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


def _back(org_id: str) -> Response:
    return redirect(url_for("defender.organization", org_id=org_id))


@zone.route_for("/organizations/<org_id>/domains", SIGNED_IN, methods=("POST",))
def claim_domain(org_id: str) -> Response:
    check_own(org_id)
    form = DomainForm()
    if form.validate_on_submit():
        try:
            claim(org_id, dns.ascii_domain(form.domain.data or ""), current_user.actor)
        except dns.InvalidDomain as wrong:
            flash(f"This is not a domain name: {wrong}.", "bad")
    else:
        flash("Enter a domain name such as cert.example.", "bad")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/domains/<domain>/check", SIGNED_IN, methods=("POST",))
def check_domain(org_id: str, domain: str) -> Response:
    """Look the challenge up now, so that nobody waits for a queue to learn of a typing error."""
    actor = check_own(org_id)
    row = domains.claim(org_id, domain, actor)
    if row is None:
        flash("This domain is not claimed.", "bad")
    elif row.verified_at:
        looks.look_again(org_id, domain)
        again = domains.claim(org_id, domain, actor)
        missing = again is not None and again.grace_until
        flash("The record is still missing." if missing else "Found. The domain stays proven.",
              "warn" if missing else "good")  # fmt: skip
    else:
        _first_look(org_id, domain, row.token, row)
    return _back(org_id)


def _first_look(org_id: str, domain: str, token: str, row: object) -> None:
    answer = looks.look_up(domain)
    if domain_control.judge(facts.challenge_facts(row, answer)).verdict is Verdict.PASS:
        if looks.note_found(org_id, domain, token):
            flash(f"Found. {domain} is proven.", "good")
        else:
            flash(
                f"Found, but another organization proved {domain} before you. Program staff "
                "look at it and tell you both.", "warn",
            )  # fmt: skip
    elif token in answer.values:
        flash("The record is there, but its time is up. Claim the domain again.", "warn")
    elif answer.outcome is Outcome.ANSWERED:
        flash(f"{answer.name} has a TXT record, but not this one. Compare it letter by letter.",
              "warn")  # fmt: skip
    elif answer.outcome in (Outcome.NO_NAME, Outcome.NO_RECORD):
        flash(f"No TXT record at {answer.name} yet. New records take minutes to appear.", "warn")
    else:
        flash("The name servers did not answer. Try again in a minute.", "warn")


@zone.route_for("/organizations/<org_id>/domains/<domain>/drop", SIGNED_IN, methods=("POST",))
def drop_domain(org_id: str, domain: str) -> Response:
    perform(DropDomain(org_id, domain), check_own(org_id))
    flash(f"{domain} is given up.", "good")
    return _back(org_id)
