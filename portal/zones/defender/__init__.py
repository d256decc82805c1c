"""Applicants and members of organizations."""

from portal.zones.defender import (
    applications,
    attestation,
    credentials,
    directory,
    domains,
    drafts,
    engagements,
    evidence,
    grants,
    invitations,
    joining,
    members,
    organizations,
    reads,
    recovery,
    room_people,
    sign_on,
    submission,
    workspaces,
)
from portal.zones.defender.zone import zone

__all__ = [
    "applications", "attestation", "credentials", "directory", "domains", "drafts", "engagements",
    "evidence", "grants", "invitations", "joining", "members", "organizations", "reads",
    "recovery", "room_people", "sign_on", "submission", "workspaces", "zone",
]  # fmt: skip
