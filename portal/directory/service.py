"""One request of a directory: whose it is, what the SCIM server answers, and refusals as errors."""

from __future__ import annotations

from http import HTTPStatus

from scim2_models import Error, SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from portal.boards import directories
from portal.desk import directory_secrets
from portal.directory.resources import provider
from portal.directory.storage import Directory
from portal.issuing import presented
from portal.issuing.errors import OAuthError
from workflows.errors import Conflict, Invalid, Refused

MOST_BYTES = 256 * 1024
SERVICE = ScimService(provider())


def organization_of(request: ScimRequest) -> str:
    """The organization whose directory a request comes from, by its bearer token (RFC 6750
    section 2.1), or by a token of its key and a proof (RFC 9449 section 7.1).

    Raises:
        UnauthorizedException: no token, or none that counts; which of the two is not said.
        OAuthError: the token or proof of a directory that has a key.
    """
    authorization = request.header("Authorization") or ""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "dpop":
        proofs = [p.strip() for p in (request.header("DPoP") or "").split(",")]
        found = presented.directory(authorization, proofs, request.method, request.url)
    else:
        secret = directory_secrets.find(token.strip()) if scheme.lower() == "bearer" else None
        if secret is None or not directories.accepts(secret[0]):
            raise UnauthorizedException(
                detail="send the token from the organization's page Directory; it may have ended"
            )
        found = secret
    directory_secrets.used(found[0])
    return found[1]


def answer(request: ScimRequest) -> ScimResponse:
    """Whatever is asked, a SCIM answer; a failure of our own goes on as an exception."""
    try:
        org_id = organization_of(request)
        if len(request.body) > MOST_BYTES:
            return error(413, f"a request may have {MOST_BYTES // 1024} KiB")
        return ScimHandler(SERVICE, Directory(org_id)).handle(request)
    except SCIMException as refused:
        return SERVICE.error_response(refused)
    except OAuthError as wrong:
        response = error(wrong.status, wrong.description)
        response.headers["WWW-Authenticate"] = wrong.challenge
        return response
    except Refused as refused:
        status = 409 if isinstance(refused, Conflict) else 400
        kind = "invalidValue" if isinstance(refused, Invalid) else None
        return error(status, f"{refused.message}; {refused.remedy}", kind)


def error(status: int, detail: str, kind: str | None = None) -> ScimResponse:
    """RFC 7644 section 3.12."""
    body = Error(status=status, detail=detail, scim_type=kind)
    return ScimResponse(HTTPStatus(status), body.model_dump())
