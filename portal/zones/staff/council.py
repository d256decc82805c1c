"""The council's first page: it says what a member can do here, which is nothing yet."""

from __future__ import annotations

from flask import render_template

from portal.boards import programs
from portal.zones.staff.zone import zone
from workflows.actors import Strength


@zone.route_for("/council", "council", strength=Strength.PASSKEY)
def council() -> str:
    return render_template("staff/council.html", programs=programs.active())
