"""A recovery's day has passed: end the old ways in."""

from __future__ import annotations

from portal.ledger import perform
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.actors import robot
from workflows.errors import NotNow


def work(payload: dict[str, str]) -> None:
    """`payload`: account. One that was cancelled, or confirmed anew for later, stays as it is."""
    try:
        perform(CompleteRecovery(payload["account"]), robot("clock"))
    except NotNow:
        return  # confirmed anew since: that one has a job of its own
