"""The week after somebody asked to be forgotten is over: the clock does it."""

from __future__ import annotations

from portal.boards import accounts, organizations
from portal.ledger import perform
from workflows.account.commands.erase import Erase
from workflows.actors import robot
from workflows.errors import NotNow


def work(payload: dict[str, str]) -> None:
    """`payload`: account, due. One that was taken back, or asked for anew, stays as it is."""
    account = payload["account"]
    row = accounts.get(account)
    if row is None or row.erasure_due != payload["due"]:
        return
    belongs = tuple(organizations.belongs(account))
    try:
        perform(Erase(account, organizations=belongs), robot("clock"))
    except NotNow:
        return  # taken back at this moment
