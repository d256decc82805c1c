"""Memory: what happened, in order, unaltered. `perform` is the only way to add to it."""

from portal.ledger.perform import Recorded, perform, rehearse

__all__ = ["Recorded", "perform", "rehearse"]
