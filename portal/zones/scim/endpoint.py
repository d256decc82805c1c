"""The SCIM endpoint (RFC 7644): every path under it is the SCIM server's to route."""

from __future__ import annotations

import json

from flask import Response, request
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from werkzeug.exceptions import HTTPException

from portal.directory import service
from portal.extensions import csrf, limiter
from portal.guard import PUBLIC
from portal.issuing import minting
from portal.limits import DIRECTORY
from portal.zones.scim.zone import zone
from workflows.actors import Strength

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@zone.route_for("/", PUBLIC, methods=_METHODS, strength=Strength.NONE)
@zone.route_for("/<path:path>", PUBLIC, methods=_METHODS, strength=Strength.NONE)
@csrf.exempt
@limiter.limit(DIRECTORY)
def directory(path: str = "") -> Response:
    try:
        body = request.stream.read(service.MOST_BYTES + 1)
    except HTTPException as refused:
        return _response(service.error(refused.code or 400, refused.description or ""))
    return _response(
        service.answer(
            ScimRequest(
                method=request.method,
                base_url=minting.scim(),
                path=f"/{path}",
                query=request.args.to_dict(),
                headers=list(request.headers.items()),
                body=body,
            )
        )
    )


def _response(made: ScimResponse) -> Response:
    body = None if made.body is None else json.dumps(made.body)
    response = Response(body, status=made.status, headers=made.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
