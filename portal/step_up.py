"""A passkey once more, for what matters: the refused form is kept, and sent again with the answer.

The rule (`workflows.roles.STEP_UP`) refuses what a sign-in too long ago would do. The page of that
refusal holds what was sent, asks the passkey, and sends both to where they were sent before; the
answer is looked at here, before the view, and begins a fresh session.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from portal.identity import signing_in
from workflows.errors import Refused

MARK = "step_up"
# What is not sent again: ours, and what a page never shows, which is typed once more.
_OURS = frozenset({"csrf_token", "credential", "introduction"})
_SECRET = frozenset({"password", "old", "code"})


def install(app: Flask) -> None:
    """Look at the answer after the guard and before the view."""
    app.before_request(_look)


def _look() -> None:
    if request.method == "POST" and request.args.get(MARK) and current_user.is_authenticated:
        signing_in.step_up(request.form.get("credential", ""))


def is_asked(refused: Refused) -> bool:
    """Whether a passkey lifts this refusal of a form that was sent, or failed to a moment ago."""
    if request.method != "POST" or not current_user.is_authenticated:
        return False
    failed = request.args.get(MARK) and refused.code == "passkey_not_verified"
    return refused.code == "step_up" or bool(failed)


def page() -> dict[str, Any]:
    """What the page holds: where it goes, and what had been sent there."""
    sent = [(k, v) for k, v in request.form.items(multi=True) if k not in _OURS | _SECRET]
    return {
        "action": f"{request.path}?{MARK}=1",
        "options_href": url_for("public.step_up_options"),
        "sent": sent,
        "secret": bool(_SECRET & set(request.form)),
        "by_provider": bool(current_user.via),
    }
