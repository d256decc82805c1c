"""What comes round by the clock: lists imported again, the expired pruned, orphans swept."""

from __future__ import annotations

from portal import logs, vault
from portal.desk import attempts, drafts, links, password_steps, replays, secrets
from portal.evidence import imported
from portal.issuing import records

_log = logs.get("clockwork")


def hourly() -> None:
    """Everything that is to happen now and then; each part changes nothing when done twice."""
    imported.refresh()
    count = replays.prune() + records.prune() + vault.sweep(spare=drafts.files_in_use())
    count += attempts.prune() + links.prune() + password_steps.prune() + secrets.prune()
    _log.info("hourly work done", count=count)
