"""Which addresses sign in through their organization's provider, and not by mailed link."""

from __future__ import annotations

from typing import Any

from portal import spelling
from portal.boards import sign_ons


def configured_for(address: str) -> Any | None:
    """What the organization configured that has proven the address's domain."""
    domain = spelling.domain_of(address)
    return sign_ons.for_domain(domain) if domain else None


def requires(address: str) -> str:
    """The organization that requires its provider for this address; "" for none."""
    row = configured_for(address)
    return str(row.org_id) if row is not None and row.required else ""
