"""Machines: people's own automation, reading what they see."""

from portal.guard import Zone

zone = Zone("api", __name__, url_prefix="/api/v1")
