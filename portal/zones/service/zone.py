"""Service developers and those who approve services."""

from portal.guard import Zone

zone = Zone("service", __name__, url_prefix="/services")
