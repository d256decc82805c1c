"""Memory: what happened, in order, unaltered. `perform` is the only way to add to it."""

from portal.ledger.perform import Recorded, perform

__all__ = ["Recorded", "perform"]
