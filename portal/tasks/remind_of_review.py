"""A use of emergency power ended a week ago: tell all staff, if nobody has reviewed it."""

from __future__ import annotations

from portal.boards import emergencies
from portal.ledger import outbox
from workflows.reactions import Effect


def work(payload: dict[str, str]) -> None:
    """`payload`: emergency."""
    row = emergencies.get(payload["emergency"])
    if row.phase != "over":
        return
    told = {"what": "emergency_unreviewed", "stream": row.id, "account": "", "seq": row.review_by}
    outbox.enqueue(Effect("send_notice", f"notice:unreviewed:{row.id}", told))
