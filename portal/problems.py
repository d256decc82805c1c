"""From a refusal to what the outside sees: one table, as pages and as RFC 9457 problem+json."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from portal import ids, logs, step_up
from workflows.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotNow,
    NotVouched,
    Refused,
    SignInAgain,
    StrengthNeeded,
)

# Kind of refusal -> HTTP status and the heading of its page.
TABLE: dict[type[Refused], tuple[int, str]] = {
    NotAllowed: (403, "This is not open to you"),
    StrengthNeeded: (403, "Sign in with your passkey"),
    SignInAgain: (403, "Sign in once more"),
    NotFound: (404, "There is nothing here"),
    NotNow: (409, "This moved on while you looked"),
    Conflict: (409, "Somebody was faster"),
    NotVouched: (400, "You are not signed in"),
    Invalid: (422, "Something is missing or wrong"),
    Refused: (400, "This cannot be done"),
}
_HTTP = {
    404: "There is nothing here", 405: "This is not done that way", 413: "That is too large",
    429: "That was too much at once", 400: "The request could not be read",
}  # fmt: skip
# Code of a refusal because a step took too long or was taken already -> where it begins anew.
RESTARTS: dict[str, tuple[str, str]] = {
    "link_spent": ("Get a new link", "public.sign_in"),
    "nothing_waits": ("Sign in through your organization again", "public.sign_in"),
    "sign_on_over": ("Begin again", "public.sign_in"),
    "provider_declined": ("Begin again", "public.sign_in"),
    "sign_on_required": ("Sign in through your organization", "public.sign_in"),
    "set_up_over": ("Begin again with a password", "public.password"),
    "passkey_not_verified": ("Try again", "public.sign_in"),
    "sign_in_again": ("Sign in once more", "public.sign_in"),
    "invitation_expired": ("Ask for it again", "defender.home"),
}
_log = logs.get("problems")


def status_of(refused: Refused) -> tuple[int, str]:
    for kind in type(refused).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    raise LookupError(type(refused))


def install(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    if request.blueprint == "api":  # nobody reads pages there
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.headers.get("X-Autosave") == "1"


def answer(
    status: int,
    title: str,
    *,
    code: str,
    detail: str = "",
    remedy: str = "",
    reference: str = "",
    meanwhile: tuple[str, ...] = (),
    actions: tuple[dict[str, str], ...] = (),
) -> Response:
    """The page or, for machines, `application/problem+json` (RFC 9457 section 3)."""
    if wants_json():
        body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status,
                                "code": code, "detail": detail}  # fmt: skip
        extras = {"remedy": remedy, "reference": reference, "meanwhile": list(meanwhile)}
        response = jsonify(body | {k: v for k, v in extras.items() if v})
        response.headers["Content-Type"] = "application/problem+json"
    else:
        response = make_response(
            render_template(
                "problem.html",
                status=status,
                title=title,
                detail=detail,
                remedy=remedy,
                code=code,
                reference=reference,
                meanwhile=meanwhile,
                actions=actions,
            )
        )
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")


def _refused(refused: Refused) -> Response:
    status, title = status_of(refused)
    if step_up.is_asked(refused) and not wants_json():
        return _step_up(refused, status)
    actions: tuple[dict[str, str], ...] = ()
    if refused.code in RESTARTS:
        actions = (_restart(refused.code),)
    elif isinstance(refused, StrengthNeeded):
        actions = (
            {"label": "Sign in", "href": url_for("public.sign_in")},
            {"label": "Your passkeys", "href": url_for("public.account")},
        )
    elif isinstance(refused, NotVouched):
        actions = ({"label": "Sign in", "href": url_for("public.sign_in")},)
    return answer(
        status,
        title,
        code=refused.code,
        detail=_sentence(refused.message),
        remedy=_sentence(refused.remedy),
        meanwhile=refused.meanwhile,
        actions=actions,
    )


def _step_up(refused: Refused, status: int) -> Response:
    """The page that asks the passkey once more, with what was sent."""
    again = refused.code == "passkey_not_verified"
    page = render_template(
        "step_up.html", detail=_sentence(refused.message), again=again, **step_up.page()
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _restart(code: str) -> dict[str, str]:
    """Who is signed in already tries a passkey again on their account's page; who only looks at
    a page comes back to it after signing in."""
    label, endpoint = RESTARTS[code]
    if code == "passkey_not_verified" and current_user.is_authenticated:
        return {"label": label, "href": url_for("public.account")}
    if code == "sign_in_again" and request.method == "GET":
        return {"label": label, "href": url_for(endpoint, next=request.path)}
    return {"label": label, "href": url_for(endpoint)}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    response = answer(
        status,
        _HTTP.get(status, error.name),
        code=error.name.lower().replace(" ", "_"),
        detail=error.description or "",
    )
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    reference = ids.new("job")[-12:]
    _log.error("unexpected", reference=reference, endpoint=request.endpoint,
               exception=logs.frames(error))  # fmt: skip
    return answer(
        500,
        "Something broke on our side",
        code="unexpected",
        detail="Nothing of yours was lost, and nothing was half done.",
        remedy="Try again; if it happens again, tell us the reference.",
        reference=reference,
    )
