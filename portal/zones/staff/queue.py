"""The queue: cases by promised date, saved views in the URL."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user

from portal.boards import applications, organizations, programs
from portal.zones.staff.zone import zone
from workflows.actors import Actor, Strength

CASE_READERS = ("intake", "reviewer", "decider", "program_manager", "auditor")
_PAGE = 50
# View -> label and phases.
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mine": ("Needs me", ()),
    "checking": ("Checks", ("checking",)),
    "reviewing": ("Review", ("reviewing",)),
    "deciding": ("Decision", ("deciding",)),
    "open": ("All open", ("checking", "reviewing", "deciding")),
    "closed": ("Closed", ("approved", "denied", "withdrawn")),
}
_MINE = {"intake": "checking", "reviewer": "reviewing", "decider": "deciding"}


def phases_of(view: str, viewer: Actor) -> tuple[str, ...]:
    if view != "mine":
        return VIEWS[view][1]
    return tuple(phase for role, phase in _MINE.items() if role in viewer.roles)


@zone.route_for("/queue", *CASE_READERS, strength=Strength.PASSKEY)
def queue() -> str:
    viewer: Actor = current_user.actor
    has_mine = bool(viewer.roles & set(_MINE))
    view = request.args.get("view", "mine" if has_mine else "open")
    view = view if view in VIEWS else "open"
    after = (request.args.get("after", ""), request.args.get("id", ""))
    rows = applications.queue(viewer, phases_of(view, viewer), after=after, limit=_PAGE + 1)
    page = [r for r in rows[:_PAGE] if view != "mine" or _needs(r, viewer)]
    return render_template(
        "staff/queue.html",
        rows=page,
        names=organizations.names(r.org_id for r in page),
        titles=_tier_titles(page),
        view=view,
        views=[
            {"label": label, "href": url_for("staff.queue", view=key), "current": key == view}
            for key, (label, _phases) in VIEWS.items()
            if key != "mine" or has_mine
        ],
        next_href=url_for("staff.queue", view=view, after=rows[_PAGE - 1].promised_at,
                          id=rows[_PAGE - 1].id) if len(rows) > _PAGE else None,
    )  # fmt: skip


def _needs(row: Any, viewer: Actor) -> bool:
    """Whether the viewer can still do something here; says nothing of what others did."""
    if row.phase == "reviewing":
        return row.my_standing != "recused" and not row.my_review
    return True


def _tier_titles(rows: list[Any]) -> dict[str, str]:
    titles: dict[str, str] = {}
    for version in {r.program_version for r in rows}:
        titles |= {t.id: t.title for t in programs.by_version(version).tiers}
    return titles
