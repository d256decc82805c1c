"""Forget a password's hash and authenticator: it was removed or replaced, and signs nobody in."""

from __future__ import annotations

from portal.desk import secrets


def work(payload: dict[str, str]) -> None:
    """`payload`: secret."""
    secrets.forget(payload["secret"])
