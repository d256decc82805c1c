"""The ledger as auditors read it: newest entries, one stream, and whether the chain holds."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_login import current_user

from portal.boards import accounts, lists
from portal.ledger import recent, verify
from portal.zones.staff.zone import zone
from workflows.actors import Strength

AUDIT = ("auditor", "program_manager")
_PAGE = 50


@zone.route_for("/ledger", *AUDIT, strength=Strength.PASSKEY)
def ledger() -> str:
    """Newest entries first, by position; those that have none yet follow within a second."""
    text = request.args.get("before", "")
    before = int(text) if text.isdigit() else None
    entries = recent.page(current_user.actor, before=before, limit=_PAGE)
    return render_template(
        "staff/ledger.html",
        entries=entries,
        people=accounts.names(e.actor for e in entries),
        lists=lists.all_lists(),
        next_href=url_for("staff.ledger", before=entries[-1].position)
        if len(entries) == _PAGE
        else None,
    )


@zone.route_for("/ledger/verify", *AUDIT, strength=Strength.PASSKEY)
def verify_ledger() -> str:
    return render_template(
        "staff/verify.html",
        verdict=verify.verify(),
        sees=verify.SEES,
        waits=verify.WAITS_FOR_CHECKPOINTS,
    )
