"""A recovery's day has passed: end the old ways in."""

from __future__ import annotations

from portal.boards import organizations
from portal.desk import sign_on_subjects
from portal.ledger import perform
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.events import SignOnUnlinked
from workflows.actors import robot
from workflows.errors import NotNow


def work(payload: dict[str, str]) -> None:
    """`payload`: account. One that was cancelled, or confirmed anew for later, stays as it is."""
    account = payload["account"]
    hosts = [org for org, role in organizations.belongs(account).items() if role != "guest"]
    try:
        done = perform(CompleteRecovery(account, elsewhere=len(hosts) > 1), robot("clock"))
    except NotNow:
        return  # confirmed anew since: that one has a job of its own
    for envelope in done.envelopes:
        if isinstance(envelope.event, SignOnUnlinked):
            sign_on_subjects.forget_link(envelope.event.link)
