"""Machines: an organization's own directory, by SCIM."""

from portal.guard import Zone

zone = Zone("scim", __name__, url_prefix="/scim/v2")
