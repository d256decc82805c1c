"""Let a grant end at its time."""

from __future__ import annotations

from portal.ledger import perform
from workflows.actors import robot
from workflows.errors import NotNow
from workflows.grant.commands.expire import Expire


def work(payload: dict[str, str]) -> None:
    """`payload`: grant id. A grant that is revoked already stays as it is."""
    try:
        perform(Expire(payload["grant"]), robot("clock"))
    except NotNow as refused:
        if refused.code == "not_expired":
            raise
