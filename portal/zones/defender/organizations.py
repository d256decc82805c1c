"""A defender's home, and the organizations that they belong to."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import clock, ids, vault
from portal.boards import (
    accounts,
    applications,
    attestations,
    domains,
    grants,
    invitations,
    joining,
    organizations,
    programs,
    rooms,
)
from portal.desk import domain_looks, drafts, invitees
from portal.evidence import dns, well_known
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.zones.defender.forms import DomainForm, OrganizationForm, StartForm
from portal.zones.defender.joining import domain_of
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.organization import proofs
from workflows.organization.commands.register import Register


@zone.route_for("/defender", SIGNED_IN)
def home() -> str:
    actor: Actor = current_user.actor
    open_drafts = drafts.of_organizations(actor)
    sent = applications.of_organizations(actor)
    held = grants.of_organizations(actor)
    names = organizations.names([*actor.memberships, *actor.guest_of])
    return render_template(
        "defender/home.html",
        names=names,
        own={org_id: names[org_id] for org_id in actor.memberships},
        rooms=_rooms(actor, names),
        drafts=open_drafts,
        applications=sent,
        grants=held,
        programs={p.name: p.title for p in programs.active()},
        start=start_form(actor),
        invitations=invitations.waiting_for(invitees.of(actor.id)),
        reachable=joining.reachable(domain_of(actor), actor),
        to_attest=attestations.for_home(actor),
        suspended=organizations.names(actor.suspended_in),
    )


def _rooms(actor: Actor, names: dict[str, str]) -> list[dict[str, str]]:
    """The workspaces and engagements that a guest was let into."""
    if not actor.guest_of:
        return []
    spaces, work = rooms.workspaces_of(actor), rooms.engagements_of(actor)
    texts = vault.texts([*(r.name_ref for r in spaces), *(r.title_ref for r in work)])
    found = [(r, r.name_ref, "workspace") for r in spaces]
    found += [(r, r.title_ref, "engagement") for r in work]
    return [
        {
            "title": texts.get(ref, "[erased]"),
            "organization": names[row.org_id],
            "href": url_for(f"defender.{kind}", **{f"{kind}_id": row.id}),
        }
        for row, ref, kind in found
        if row.org_id in actor.guest_of
    ]


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
    manages = bool(viewer.memberships[org_id] & {"owner", "admin"})
    claimed = domains.of_organization(org_id, viewer)
    return render_template(
        "defender/organization.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        members=members,
        people=accounts.names(m.account for m in members),
        domains=claimed,
        looks={row.domain: domain_looks.last(org_id, row.domain) for row in claimed},
        form=DomainForm(),
        challenge=dns.CHALLENGE,
        manages=manages,
        to_attest=attestations.waiting(org_id, viewer) if manages else None,
        file_url=well_known.url,
        file_name=PurePosixPath(proofs.PATH).name,
        words=proofs.words,
        now=clock.now_iso(),
    )
