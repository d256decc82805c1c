"""What comes round by the clock: lists imported again, the expired pruned, orphans swept."""

from __future__ import annotations

from portal import clock, logs, vault
from portal.boards import attestations, domains
from portal.desk import (
    address_changes,
    attempts,
    domain_looks,
    drafts,
    links,
    password_steps,
    replays,
    secrets,
)
from portal.directory import following
from portal.evidence import imported
from portal.issuing import records
from portal.ledger import outbox
from workflows.reactions import Effect

LOOK_HOURS = 24
_log = logs.get("clockwork")


def hourly() -> None:
    """Everything that is to happen now and then; each part changes nothing when done twice."""
    imported.refresh()
    look_at_domains()
    count_attestations()
    following.take_up(clock.iso_in(minutes=-5))
    count = replays.prune() + records.prune() + vault.sweep(spare=drafts.files_in_use())
    count += address_changes.prune()
    count += attempts.prune() + links.prune() + password_steps.prune() + secrets.prune()
    _log.info("hourly work done", count=count)


def look_at_domains() -> int:
    """A job for each proven domain that nobody looked at for a day; how many."""
    lately = domain_looks.looked_since(clock.iso_in(hours=-LOOK_HOURS))
    waiting = [row for row in domains.proven() if (row.org_id, row.domain) not in lately]
    today = clock.now_iso()[:10]
    for row in waiting:
        about = {"organization": row.org_id, "domain": row.domain}
        key = f"look:{row.org_id}:{row.domain}:{today}"
        outbox.enqueue(Effect("look_again", key, about))
    return len(waiting)


def count_attestations() -> int:
    """A job for each organization and grant with members or keys from before this was counted, or
    with a former owner, who is counted anew; how many."""
    waiting, hour = attestations.uncounted(), clock.now_iso()[:13]
    for stream in waiting:
        about = {"stream": stream, "step": "begin"}
        outbox.enqueue(Effect("mind_attestation", f"count:{stream}:{hour}", about))
    return len(waiting)
