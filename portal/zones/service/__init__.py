"""Service developers and those who approve services."""

from portal.zones.service import services
from portal.zones.service.zone import zone

__all__ = ["services", "zone"]
