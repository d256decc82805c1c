"""Emergency power's time is up. It opens nothing from that moment on; this puts it on record."""

from __future__ import annotations

from portal.ledger import perform
from workflows.actors import robot
from workflows.emergency.commands.end_break_glass import EndBreakGlass
from workflows.errors import NotNow


def work(payload: dict[str, str]) -> None:
    """`payload`: emergency. One that was ended by hand stays as it is."""
    try:
        perform(EndBreakGlass(payload["emergency"]), robot("clock"))
    except NotNow as refused:
        if refused.code == "not_due":
            raise
