"""What anyone may reach: front page, signing in, one's own account."""

from portal.zones.public import account, devices, front, sign_on, signing_in
from portal.zones.public.zone import zone

__all__ = ["account", "devices", "front", "sign_on", "signing_in", "zone"]
