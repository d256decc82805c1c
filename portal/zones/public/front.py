"""The front page, the programs' published rules, and the health check."""

from __future__ import annotations

from flask import Response, jsonify, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import schema
from portal.boards import programs
from portal.guard import PUBLIC
from portal.zones.public.zone import zone
from workflows.actors import Strength


@zone.route_for("/", PUBLIC, strength=Strength.NONE)
def front() -> str | AnyResponse:
    if current_user.is_authenticated:
        return redirect(url_for("public.home"))
    return render_template("public/front.html", programs=programs.active())


@zone.route_for("/home", PUBLIC, strength=Strength.NONE)
def home() -> AnyResponse:
    """Where a person's work is: the first page of their zone."""
    roles = current_user.actor.roles if current_user.is_authenticated else frozenset()
    if roles & {"intake", "reviewer", "decider"}:
        return redirect(url_for("staff.queue"))
    if "program_manager" in roles:
        return redirect(url_for("staff.grants"))
    if "auditor" in roles:
        return redirect(url_for("staff.ledger"))
    if roles & {"service_developer", "service_manager"}:
        return redirect(url_for("service.services"))
    if "administrator" in roles:
        return redirect(url_for("staff.people"))
    if "council" in roles:
        return redirect(url_for("staff.council"))
    return redirect(url_for("defender.home"))


@zone.route_for("/programs/<name>", PUBLIC, strength=Strength.NONE)
def program(name: str) -> str:
    return render_template("public/program.html", program=programs.named(name))


@zone.route_for("/healthz", PUBLIC, strength=Strength.NONE)
def health() -> Response:
    """200 when the database answers and is migrated; for load balancers."""
    ready = schema.current() == schema.newest()
    response = jsonify(status="ok" if ready else "migrations missing")
    response.status_code = 200 if ready else 503
    return response
