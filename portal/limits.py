"""How often one address may knock, and how large a body may be before it is read."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from portal.desk import attempts
from portal.desk.attempts import Limit

INVITING = "30 per hour"
DIRECTORY = "1200 per minute"
SIGN_IN = "20 per minute; 200 per hour"
FORM_MOST_BYTES = 512 * 1024
UPLOADS = frozenset({"defender.upload_file", "defender.attach_document"})


def count_try(purpose: str, limit: Limit = attempts.NETWORK) -> None:
    """Take a try of the network that the request comes from.

    Raises:
        TooManyRequests: too many from there; it says nothing about any account.
    """
    if not attempts.take(_network(purpose), limit).allowed:
        raise TooManyRequests(
            "There were too many attempts from your network. Try again in a quarter of an hour."
        )


def succeeded(purpose: str, limit: Limit = attempts.NETWORK) -> None:
    """The try that `count_try` took does not count."""
    attempts.give_back(_network(purpose), limit)


def _network(purpose: str) -> str:
    return attempts.of_network(purpose, request.remote_addr)


def install(app: Flask) -> None:
    app.before_request(_refuse_large)


def _refuse_large() -> None:
    """Refuse by the announced size, before a byte of the body is read."""
    most = None if request.endpoint in UPLOADS else FORM_MOST_BYTES
    if most is not None and (request.content_length or 0) > most:
        raise RequestEntityTooLarge(f"A form may hold {most // 1024} KiB at most.")
