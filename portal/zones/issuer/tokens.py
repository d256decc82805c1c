"""The token, introspection and revocation endpoints: shape in, the issuer's answer out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, jsonify, request

from portal.extensions import csrf
from portal.guard import PUBLIC
from portal.installation import settings
from portal.issuing import minting, presented
from portal.issuing.errors import OAuthError
from portal.zones.issuer.zone import zone
from workflows.actors import Strength
from workflows.errors import Refused

V = TypeVar("V", bound=Callable[..., Any])


def _oauth(view: V) -> V:
    """Errors in the RFC's form, nothing cached, and each parameter at most once
    (RFC 6749 section 3.2), `resource` apart."""

    @wraps(view)
    def answered() -> Response:
        try:
            if request.mimetype != "application/x-www-form-urlencoded":
                raise OAuthError("invalid_request", "send application/x-www-form-urlencoded")
            for name, values in request.form.lists():
                if len(values) > 1 and name != "resource":
                    raise OAuthError("invalid_request", f"{name} stands more than once")
            response = view()
        except OAuthError as wrong:
            response = jsonify(error=wrong.error, error_description=wrong.description)
            response.status_code = wrong.status
            if wrong.challenge:
                response.headers["WWW-Authenticate"] = wrong.challenge
        except Refused as refused:
            response = jsonify(error="temporarily_unavailable", error_description=refused.message)
            response.status_code = 503
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered  # type: ignore[return-value]


def _proofs() -> list[str]:
    """Every proof; what stood in several headers arrives joined by commas (RFC 9110, 5.3)."""
    return [p.strip() for line in request.headers.getlist("DPoP") for p in line.split(",")]


@zone.route_for("/oauth/token", PUBLIC, methods=("POST",), strength=Strength.NONE)
@csrf.exempt
@_oauth
def token() -> Response:
    minted = minting.mint(
        request.form,
        request.form.getlist("resource"),
        _proofs(),
        f"{settings().base_url}/oauth/token",
    )
    return jsonify(minted.body())


@zone.route_for("/oauth/introspect", PUBLIC, methods=("POST",), strength=Strength.NONE)
@csrf.exempt
@_oauth
def introspect() -> Response:
    return jsonify(
        presented.introspect(
            request.form.get("token", ""),
            request.headers.get("Authorization", ""),
            _proofs(),
            f"{settings().base_url}/oauth/introspect",
        )
    )


@zone.route_for("/oauth/revoke", PUBLIC, methods=("POST",), strength=Strength.NONE)
@csrf.exempt
@_oauth
def revoke() -> Response:
    presented.revoke(request.form)
    return jsonify({})
