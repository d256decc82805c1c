"""Machines: the OAuth authorization server."""

from portal.guard import Zone

zone = Zone("issuer", __name__)
