"""What every template may speak of: who is looking, where they can go, the words for statuses."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from portal.boards import accounts, emergencies
from portal.installation import settings
from workflows.words import STATUSES, counted

STAFF_QUEUE = frozenset({"intake", "reviewer", "decider", "program_manager", "auditor"})
SERVICES = frozenset({"service_developer", "service_manager", "program_manager", "auditor"})


def install(app: Flask) -> None:
    app.context_processor(_variables)
    app.jinja_env.globals["status_words"] = STATUSES
    app.jinja_env.globals["counted"] = counted


def _variables() -> dict[str, Any]:
    return {"nav": _nav(), "viewer": _viewer(), "demo_banner": _banner(),
            "emergencies": _emergencies(),
            "footer": [{"label": "Privacy", "href": url_for("public.privacy")}]}  # fmt: skip


def _viewer() -> dict[str, Any] | None:
    if not current_user.is_authenticated:
        return None
    roles = ", ".join(sorted(r.replace("_", " ") for r in current_user.actor.roles))
    return {
        "name": current_user.name,
        "signed_in_as": roles or "defender",
        "account_href": url_for("public.account"),
        "sign_out_href": url_for("public.sign_out"),
    }


def _nav() -> list[dict[str, Any]]:
    if not current_user.is_authenticated:
        return [_entry("Sign in", "public.sign_in")]
    roles = current_user.actor.roles
    entries = []
    if not roles or current_user.actor.belongs_to:
        entries.append(_entry("Home", "defender.home"))
    if roles & STAFF_QUEUE:
        entries.append(_entry("Queue", "staff.queue"))
        entries.append(_entry("Grants", "staff.grants"))
    if roles & {"auditor", "program_manager"}:
        entries.append(_entry("Ledger", "staff.ledger"))
        entries.append(_entry("Domains", "staff.contested_domains"))
        entries.append(_entry("Readings", "staff.reads"))
    if "emergency" in roles and not roles & STAFF_QUEUE:
        entries.append(_entry("Grants", "staff.grants"))
    if "council" in roles:
        entries.append(_entry("Council", "staff.council"))
    if roles & {"administrator", "program_manager", "auditor", "emergency"}:
        entries.append(_entry("People", "staff.people"))
    if roles & SERVICES:
        entries.append(_entry("Services", "service.services"))
    if roles:
        entries.append(_entry("Emergency", "staff.emergency"))
    return entries


def _entry(label: str, endpoint: str) -> dict[str, Any]:
    here = (request.endpoint or "").split(".")[0]
    current = request.endpoint == endpoint or (here != "staff" and endpoint.startswith(f"{here}."))
    return {"label": label, "href": url_for(endpoint), "current": current}


def _emergencies() -> list[dict[str, Any]]:
    """Emergency power that is in use, for a banner on every page that staff see."""
    if not current_user.is_authenticated or not current_user.is_staff:
        return []
    rows = emergencies.lasting()
    people = accounts.names(row.person for row in rows)
    href = url_for("staff.emergency")
    return [{"who": people[row.person], "until": row.until, "href": href} for row in rows]


def _banner() -> str | None:
    return (
        "Demo: nothing here is real, and every mail is at /dev/mail." if settings().demo else None
    )
