"""Send one mail; a server that does not take it is asked again, for ever."""

from __future__ import annotations

from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: mail id."""
    mail.send(payload["mail"])
