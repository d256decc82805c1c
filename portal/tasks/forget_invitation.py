"""An invitation was answered or withdrawn: to whom it went, and its mail, are forgotten."""

from __future__ import annotations

from portal import vault
from portal.desk import invitees


def work(payload: dict[str, str]) -> None:
    """`payload`: invitation."""
    invitees.forget(payload["invitation"])
    vault.discard([payload["invitation"]])
