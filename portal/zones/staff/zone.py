"""Program staff: queue, cases, decisions, grants, the ledger."""

from portal.guard import Zone

zone = Zone("staff", __name__, url_prefix="/staff")
