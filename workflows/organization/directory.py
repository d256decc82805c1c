"""The organization's directory: what may speak for it by SCIM, and what its groups mean here.

The directory says who works there. It invites, removes and places people; it makes nobody an
admin or owner, so that a stolen token gives no power over the organization.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.organization import events as e

# What the directory may make of somebody, from the least to the most.
ROLES = ("guest", "member", "security_contact", "signing_official")
MOST_TOKENS = 2  # the present one, and the one that it follows while both are accepted
OVERLAP_DAYS = 7
LIFETIMES = (90, 180, 365)  # days

EVENTS = (
    e.DirectoryTokenMade, e.DirectoryTokenShortened, e.DirectoryTokenRevoked,
    e.DirectoryStartSet, e.DirectoryGroupMapped, e.OwnerDepartureReported,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a group gives: a role, "" for none, and a workspace or engagement, "" for none."""

    role: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """`tokens`: id -> until when it is accepted (ISO 8601 UTC). `starts_as` is the role of a
    person of whom no group says anything. `owner_gone` is the owner whose departure it reported.
    """

    tokens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    starts_as: str = "member"
    groups: Mapping[str, Meaning] = field(default_factory=lambda: MappingProxyType({}))
    owner_gone: str = ""


def evolve(directory: Directory, event: object) -> Directory:
    """The directory after one of `EVENTS`."""
    tokens = directory.tokens
    match event:
        case e.DirectoryTokenMade(token=token, expires_at=end):
            return replace(directory, tokens={**tokens, token: end})
        case e.DirectoryTokenShortened(token=token, expires_at=end):
            return replace(directory, tokens={**tokens, token: end})
        case e.DirectoryTokenRevoked(token=token):
            left = {k: v for k, v in tokens.items() if k != token}
            return replace(directory, tokens=left)
        case e.DirectoryStartSet(role=role):
            return replace(directory, starts_as=role)
        case e.DirectoryGroupMapped(group=group, role=role, room=room):
            meanings = {k: v for k, v in directory.groups.items() if k != group}
            given = {group: Meaning(role, room)} if role or room else {}
            return replace(directory, groups={**meanings, **given})
        case e.OwnerDepartureReported(account=account):
            return replace(directory, owner_gone=account)
    raise TypeError(f"not about the directory: {event!r}")


def role_of(directory: Directory, groups: frozenset[str]) -> str:
    """What somebody in these groups is to be: the most that one of them gives.

    "" while no group of the organization gives a role: then people keep what they were given
    here, by hand.
    """
    if not any(meaning.role for meaning in directory.groups.values()):
        return ""
    given = {directory.groups[g].role for g in groups if g in directory.groups}
    return max(given & set(ROLES) or {directory.starts_as}, key=ROLES.index)


def rooms_of(directory: Directory, groups: frozenset[str]) -> frozenset[str]:
    """The workspaces and engagements that these groups open."""
    rooms = (directory.groups[g].room for g in groups if g in directory.groups)
    return frozenset(room for room in rooms if room)
