"""What anyone may reach: front page, signing in, one's own account."""

from portal.zones.public import (
    account,
    address,
    automations,
    devices,
    erasure,
    front,
    own_data,
    password_sign_in,
    passwords,
    sign_on,
    signing_in,
)
from portal.zones.public.zone import zone

__all__ = [
    "account", "address", "automations", "devices", "erasure", "front", "own_data",
    "password_sign_in", "passwords", "sign_on", "signing_in", "zone",
]  # fmt: skip
