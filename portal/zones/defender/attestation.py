"""Who still works with you, and which keys are still used: one page, one click each."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, vault
from portal.boards import accounts, attestations, grants, organizations, programs
from portal.desk import last_days
from portal.guard import SIGNED_IN
from portal.ledger import Recorded, perform
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows import attestation as rule
from workflows.actors import Actor, Strength
from workflows.errors import NotFound
from workflows.grant.commands.attest_credential import AttestCredential
from workflows.organization.commands.attest_member import AttestMember

_PATH = "/organizations/<org_id>/attestation"
_BACK = "They are back at once, and so are the keys in their name that were spoken for."


def _manager(org_id: str) -> Actor:
    actor = check_own(org_id)
    attestations.check_manages(org_id, actor)
    return actor


@zone.route_for(_PATH, SIGNED_IN)
def attestation(org_id: str) -> str:
    actor = _manager(org_id)
    found = attestations.waiting(org_id, actor)
    held = {row.id: row for row in grants.of_organizations(actor)}
    accounts_shown = [*(r.account for r in found.people), *(r.registered_by for r in found.keys)]
    return render_template(
        "defender/attestation.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        waiting=found,
        people=accounts.names(accounts_shown),
        labels=vault.texts(row.label_ref for row in found.keys),
        levels={row.grant_id: _level(held[row.grant_id]) for row in found.keys},
        last=last_days.of([*accounts_shown, *(row.credential for row in found.keys)]),
        own=_own(org_id, actor),
        now=clock.now_iso(),
        lapses_at=rule.lapses_at,
        rule=rule,
        has_passkey=actor.strength >= Strength.PASSKEY,
    )


def _level(grant: Any) -> str:
    tier = programs.by_version(grant.program_version).tier(grant.tier)
    return tier.title if tier else str(grant.tier)


def _own(org_id: str, actor: Actor) -> Any | None:
    """The viewer's own row, if somebody else is to speak for them now; the owner need not wait."""
    rows = (m for m in organizations.members_of(org_id, actor) if m.account == actor.id)
    own = next(rows)
    return own if own.role != "owner" and rule.is_open(own.attest_by, clock.now()) else None


def _said(org_id: str, done: Recorded, back: str) -> Response:
    """Say what the word did: it counts until a day, it gave something back, or it was early."""
    dues = [
        e.event.due for e in done.envelopes if e.name in ("MemberAttested", "CredentialAttested")
    ]
    if not dues:
        flash("It is not due for a while, so that nothing changed.", "info")
    elif len(done.envelopes) > 1:
        flash(f"Noted. {back} Your word counts until {dues[0][:10]}.", "good")
    else:
        flash(f"Noted. Your word counts until {dues[0][:10]}.", "good")
    return redirect(url_for("defender.attestation", org_id=org_id))


@zone.route_for(f"{_PATH}/members/<account>", SIGNED_IN, methods=("POST",))
def attest_member(org_id: str, account: str) -> Response:
    check_own(org_id)
    done = perform(AttestMember(org_id, account), current_user.actor)
    return _said(org_id, done, _BACK)


@zone.route_for(f"{_PATH}/keys/<credential_id>", SIGNED_IN, methods=("POST",))
def attest_credential(org_id: str, credential_id: str) -> Response:
    actor = check_own(org_id)
    row = grants.credential(credential_id, actor)
    if row.org_id != org_id:
        raise NotFound("there is no such credential")
    done = perform(AttestCredential(row.grant_id, credential_id), current_user.actor)
    after = grants.credential(credential_id, actor)
    back = (
        "The key works again."
        if after.status == "valid"
        else "The key is suspended still, for another reason."
    )
    return _said(org_id, done, back)
