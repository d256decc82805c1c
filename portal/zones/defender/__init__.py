"""Applicants and members of organizations."""

from portal.zones.defender import (
    applications,
    credentials,
    drafts,
    evidence,
    grants,
    organizations,
    submission,
)
from portal.zones.defender.zone import zone

__all__ = [
    "applications", "credentials", "drafts", "evidence", "grants", "organizations", "submission",
    "zone",
]  # fmt: skip
