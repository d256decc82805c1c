"""Machines: the OAuth authorization server."""

from portal.zones.issuer import discovery, tokens
from portal.zones.issuer.zone import zone

__all__ = ["discovery", "tokens", "zone"]
