"""Program staff: queue, cases, decisions, grants, the ledger."""

from portal.zones.staff import cases, decisions, grants, ledger, people, queue, reviews
from portal.zones.staff.zone import zone

__all__ = ["cases", "decisions", "grants", "ledger", "people", "queue", "reviews", "zone"]
