"""Where a person is signed in, and signing out there."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.desk import sessions
from portal.guard import SIGNED_IN
from portal.identity import signing_in
from portal.zones.public.zone import zone
from workflows.errors import NotFound


@zone.route_for("/account/devices", SIGNED_IN)
def devices() -> str:
    found = sessions.of(current_user.actor.id, current_user.token)
    staff = current_user.is_staff
    return render_template(
        "public/devices.html",
        devices=found,
        idle=sessions.STAFF_IDLE_MINUTES if staff else sessions.IDLE_MINUTES,
        hours=sessions.ABSOLUTE_HOURS,
    )


@zone.route_for("/account/devices/<session_id>/end", SIGNED_IN, methods=("POST",))
def end_session(session_id: str) -> Response:
    if not sessions.end_one(current_user.actor.id, session_id):
        raise NotFound("there is no such session", remedy="it may have ended by itself")
    flash("Signed out there.", "good")
    return redirect(url_for("public.devices"))


@zone.route_for("/account/devices/end-others", SIGNED_IN, methods=("POST",))
def end_other_sessions() -> Response:
    signing_in.end_elsewhere()
    flash("Signed out everywhere else.", "good")
    return redirect(url_for("public.devices"))
