"""A defender's home, and the organizations that they belong to."""

from __future__ import annotations

import secrets

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import clock, ids, vault
from portal.boards import (
    accounts,
    applications,
    grants,
    invitations,
    organizations,
    programs,
)
from portal.desk import drafts, invitees
from portal.evidence import dns, facts
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.forms import DomainForm, OrganizationForm, StartForm
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.checks import Verdict, domain_control
from workflows.checks.domain_control import Outcome
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.register import Register

CHALLENGE_DAYS = 14


@zone.route_for("/defender", SIGNED_IN)
def home() -> str:
    actor: Actor = current_user.actor
    open_drafts = drafts.of_organizations(actor)
    sent = applications.of_organizations(actor)
    held = grants.of_organizations(actor)
    names = organizations.names(actor.memberships)
    return render_template(
        "defender/home.html",
        names=names,
        drafts=open_drafts,
        applications=sent,
        grants=held,
        programs={p.name: p.title for p in programs.active()},
        start=start_form(actor),
        invitations=invitations.waiting_for(invitees.of(actor.id)),
    )


def start_form(actor: Actor) -> StartForm:
    form = StartForm()
    form.organization.choices = [
        SelectChoice(*pair) for pair in organizations.names(actor.memberships).items()
    ]
    form.program.choices = [SelectChoice(p.name, p.title) for p in programs.active()]
    return form


@zone.route_for("/organizations/new", SIGNED_IN, methods=("GET", "POST"))
def new_organization() -> str | Response:
    form = OrganizationForm()
    if form.validate_on_submit():
        org_id = ids.new("org")
        name = vault.put(org_id, (form.name.data or "").strip())
        perform(Register(org_id, name=name), current_user.actor)
        flash("Your organization is registered. Next: its domain.", "good")
        return redirect(url_for("defender.organization", org_id=org_id))
    return render_template("defender/new_organization.html", form=form)


@zone.route_for("/organizations/<org_id>", SIGNED_IN)
def organization(org_id: str) -> str:
    viewer = check_own(org_id)
    members = organizations.members_of(org_id, viewer)
    return render_template(
        "defender/organization.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        members=members,
        people=accounts.names(m.account for m in members),
        domains=organizations.domains_of(org_id, viewer),
        form=DomainForm(),
        challenge=dns.CHALLENGE,
    )


def claim(org_id: str, domain: str, actor: Actor) -> None:
    """Claim a domain with a fresh token, unless it is claimed or proven already."""
    row = organizations.claim(org_id, domain)
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
    return redirect(url_for("defender.organization", org_id=org_id))


@zone.route_for("/organizations/<org_id>/domains/<domain>/check", SIGNED_IN, methods=("POST",))
def check_domain(org_id: str, domain: str) -> Response:
    """Look the challenge up now, so that nobody waits for a queue to learn of a typing error."""
    check_own(org_id)
    row = organizations.claim(org_id, domain)
    if row is None:
        flash("This domain is not claimed.", "bad")
        return redirect(url_for("defender.organization", org_id=org_id))
    answer = facts.look_up(domain)
    if domain_control.judge(facts.challenge_facts(row, answer)).verdict is Verdict.PASS:
        facts.note_verified(org_id, domain, row.token)
        flash(f"Found. {domain} is proven.", "good")
    elif row.token in answer.values:
        flash("The record is there, but its time is up. Claim the domain again.", "warn")
    elif answer.outcome is Outcome.ANSWERED:
        flash(f"{answer.name} has a TXT record, but not this one. Compare it letter by letter.",
              "warn")  # fmt: skip
    elif answer.outcome in (Outcome.NO_NAME, Outcome.NO_RECORD):
        flash(f"No TXT record at {answer.name} yet. New records take minutes to appear.", "warn")
    else:
        flash("The name servers did not answer. Try again in a minute.", "warn")
    return redirect(url_for("defender.organization", org_id=org_id))
