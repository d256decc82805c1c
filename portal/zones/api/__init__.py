"""Machines: people's own automation, reading what they see."""

from portal.zones.api import reading
from portal.zones.api.zone import zone

__all__ = ["reading", "zone"]
