"""Program staff: queue, cases, decisions, grants, the ledger."""

from portal.zones.staff import (
    cases,
    council,
    decisions,
    domains,
    emergency,
    grants,
    ledger,
    people,
    queue,
    reads,
    recovery,
    reviews,
)
from portal.zones.staff.zone import zone

__all__ = [
    "cases", "council", "decisions", "domains", "emergency", "grants", "ledger", "people", "queue",
    "reads", "recovery", "reviews", "zone",
]  # fmt: skip
