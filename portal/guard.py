"""Zones refuse by default: a route names who may stand at its door, or nobody may.

Every rule is added through `Zone.route_for`, with the roles that may come in. `ACCESS` is what
the route x role matrix in the tests is generated from, beside the url map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from workflows.actors import Strength
from workflows.errors import NotAllowed, StrengthNeeded

V = TypeVar("V", bound=Callable[..., Any])

PUBLIC = "public"  # anyone, signed in or not; machines that bring their own proof
SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in: `PUBLIC`, `SIGNED_IN`, or staff roles; and how strongly signed in."""

    roles: frozenset[str]
    strength: Strength


ACCESS: dict[str, Access] = {"static": Access(frozenset({PUBLIC}), Strength.NONE)}


class Zone(Blueprint):
    """A blueprint whose routes each name their roles."""

    def route_for(
        self,
        rule: str,
        *roles: str,
        methods: tuple[str, ...] = ("GET",),
        strength: Strength = Strength.LINK,
    ) -> Callable[[V], V]:
        """Add a route that only these roles reach, with at least this strength of sign-in."""
        if not roles:
            raise TypeError(f"{rule}: name the roles that may come in")

        def register(view: V) -> V:
            ACCESS[f"{self.name}.{view.__name__}"] = Access(frozenset(roles), strength)
            self.add_url_rule(rule, view_func=view, methods=list(methods))
            return view

        return register


def install(app: Flask) -> None:
    """Stand guard before every request, also before those for routes added some other way."""
    app.before_request(_guard)


def _guard() -> Response | None:
    endpoint = request.endpoint
    if "\x00" in request.path:
        abort(404)  # no name of anything holds it, and PostgreSQL takes none that does
    if endpoint is None:
        return None  # no such page: the router's own 404
    access = ACCESS.get(endpoint)
    if access is None:
        raise NotAllowed("nobody may come in here")
    if PUBLIC in access.roles:
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("public.sign_in", next=_come_back()))
    if SIGNED_IN not in access.roles and not access.roles & current_user.actor.roles:
        raise NotAllowed("your role does not open this page")
    if current_user.actor.strength < access.strength:
        raise StrengthNeeded(
            "this part of the portal needs a sign-in with a passkey",
            remedy="sign in with your passkey; if you have none yet, add one to your account",
        )
    return None


def _come_back() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None
