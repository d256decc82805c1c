"""Machines: an organization's own directory, by SCIM."""

from portal.zones.scim import endpoint
from portal.zones.scim.zone import zone

__all__ = ["endpoint", "zone"]
