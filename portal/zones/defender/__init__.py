"""Applicants and members of organizations."""

from portal.zones.defender import (
    applications,
    credentials,
    domains,
    drafts,
    evidence,
    grants,
    invitations,
    joining,
    members,
    organizations,
    sign_on,
    submission,
)
from portal.zones.defender.zone import zone

__all__ = [
    "applications", "credentials", "domains", "drafts", "evidence", "grants", "invitations",
    "joining", "members", "organizations", "sign_on", "submission", "zone",
]  # fmt: skip
