"""After an erasure: nothing leads to the person, signs them in, or can be read of them."""

from __future__ import annotations

from portal import vault
from portal.boards import joining
from portal.desk import (
    address_changes,
    attempts,
    directory_entries,
    invitees,
    last_days,
    links,
    secrets,
    sessions,
    sign_on_subjects,
)
from portal.ledger import perform
from workflows.actors import robot
from workflows.organization.commands.drop_erased import DropErased


def work(payload: dict[str, str]) -> None:
    """`payload`: account. Before all else the key: from then on nothing adds to what is kept."""
    account = payload["account"]
    vault.erase(account)
    sessions.end_all(account)
    for org_id in joining.belongs_to_or_asks(account):  # after an operator's word; else none
        perform(DropErased(org_id, account), robot("clock"))
    attempts.forgive(account)  # finds the rows by the addresses that go next
    directory_entries.forget(account)  # so do these
    invitees.forget_person(account)
    address_changes.forget(account)
    links.forget(account)
    sign_on_subjects.forget(account)
    secrets.forget_person(account)
    last_days.forget(account)
