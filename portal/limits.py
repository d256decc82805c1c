"""How often one address may knock, and how large a body may be before it is read."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

INVITING = "30 per hour"
SIGN_IN = "20 per minute; 200 per hour"
FORM_MOST_BYTES = 512 * 1024
UPLOADS = frozenset({"defender.upload_file", "defender.attach_document"})


def install(app: Flask) -> None:
    app.before_request(_refuse_large)


def _refuse_large() -> None:
    """Refuse by the announced size, before a byte of the body is read."""
    most = None if request.endpoint in UPLOADS else FORM_MOST_BYTES
    if most is not None and (request.content_length or 0) > most:
        raise RequestEntityTooLarge(f"A form may hold {most // 1024} KiB at most.")
