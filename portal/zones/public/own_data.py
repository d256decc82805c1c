"""What is kept of oneself, to take along; and the privacy notice, which says why."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template
from flask_login import current_user

from portal import clock, vault
from portal.boards import accounts, automations, invitations, organizations, rooms, sign_ons
from portal.desk import (
    access_records,
    address_changes,
    directory_entries,
    drafts,
    invitees,
    last_days,
    links,
    passkey_uses,
    sessions,
)
from portal.guard import PUBLIC, SIGNED_IN
from portal.ledger import about
from portal.notices import mail
from portal.zones.public.zone import zone
from workflows.account.addresses import UNDO
from workflows.account.erasure import WAIT
from workflows.actors import Actor, Strength
from workflows.errors import StrengthNeeded


@zone.route_for("/privacy", PUBLIC, strength=Strength.NONE)
def privacy() -> str:
    """The figures are the ones that the code goes by."""
    return render_template(
        "public/privacy.html",
        hours=sessions.ABSOLUTE_HOURS,
        idle=sessions.IDLE_MINUTES,
        staff_idle=sessions.STAFF_IDLE_MINUTES,
        link_minutes=links.MINUTES,
        same_minutes=access_records.SAME_MINUTES,
        undo_days=UNDO.days,
        change_hours=address_changes.HOURS,
        erasure_days=WAIT.days,
    )


@zone.route_for("/account/data", SIGNED_IN)
def own_data() -> str:
    return render_template("public/own_data.html")


@zone.route_for("/account/data/export", SIGNED_IN, methods=("POST",))
def export_data() -> Response:
    """JSON to keep; whoever has a passkey uses it for this."""
    actor = current_user.own
    if actor.strength < Strength.PASSKEY and accounts.passkeys_of(actor.id):
        raise StrengthNeeded(
            "this needs a sign-in with a passkey", remedy="sign in with your passkey and try again"
        )
    current_user.check_fresh()
    text = json.dumps(_gathered(actor, current_user.token), indent=2, ensure_ascii=False)
    response = Response(text, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename="my-data.json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _gathered(actor: Actor, token: str) -> dict[str, Any]:
    """Everything that is kept under this person's name; of others nothing but ids."""
    account = accounts.get(actor.id)
    return {
        "written_at": clock.now_iso(),
        "account": {
            "id": actor.id,
            "name": accounts.names([actor.id])[actor.id],
            "address": accounts.address(actor.id),
            "opened_at": account.opened_at if account else "",
            "last_day_here": last_days.of([actor.id]).get(actor.id, ""),
            "staff_roles": sorted(actor.roles),
            "change_of_address": _asked_change(actor.id),
            "erasure_due": account.erasure_due if account else "",
        },
        "passkeys": _passkeys(actor.id),
        "sign_ons": [
            {"issuer": row.issuer, "linked_at": row.linked_at}
            for row in sign_ons.linked_to(actor.id)
        ],
        "automations": [
            {
                "id": row.id,
                "label": vault.text(row.label_ref),
                "scopes": json.loads(row.scopes),
                "registered_at": row.registered_at,
                "expires_at": row.expires_at,
            }
            for row in automations.of_person(actor.id)
        ],
        "organizations": _organizations(actor),
        "invitations": invitations.waiting_for(invitees.of(actor.id)),
        "directories": directory_entries.about(actor.id),
        "sessions": [
            {"device": s.device, "started_at": s.started_at, "seen_at": s.seen_at}
            for s in sessions.of(actor.id, token)
        ],
        "ledger": about.of_person(actor.id),
        "mails": [
            {"to": m.to, "subject": m.subject, "text": m.text, "written_at": m.written_at}
            for m in mail.to_person(actor.id)
        ],
        "drafts_last_saved_by_you": drafts.changed_by(actor.id),
        "readings_by_you": [
            {"at": r.at, "kind": r.kind, "subject": r.subject, "purpose": r.purpose}
            for r in access_records.page(reader=actor.id, limit=10_000)
        ],
    }


def _asked_change(account: str) -> dict[str, str]:
    """What the person typed and has not confirmed; not whether somebody has that address."""
    change = address_changes.waiting(account)
    return {"to": change.address, "expires_at": change.expires_at} if change else {}


def _passkeys(account: str) -> list[dict[str, Any]]:
    rows = accounts.passkeys_of(account)
    labels = vault.texts(row.label_ref for row in rows)
    used = passkey_uses.last_used([row.passkey for row in rows])
    return [
        {
            "label": labels.get(row.label_ref, ""),
            "added_at": row.added_at,
            "last_used_at": used.get(row.passkey, ""),
        }
        for row in rows
    ]


def _organizations(actor: Actor) -> list[dict[str, Any]]:
    belongs = organizations.belongs(actor.id)
    names = organizations.names(belongs)
    guest = rooms.guest(actor.id)
    return [
        {
            "id": org_id,
            "name": names[org_id],
            "roles": [role],
            "suspended": org_id in actor.suspended_in,
            "rooms": sorted(guest.rooms) if org_id in guest.organizations else [],
        }
        for org_id, role in belongs.items()
    ]
