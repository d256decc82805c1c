"""The organization's directory: what may speak for it by SCIM, and what its groups mean here.

The directory says who works there. It invites, removes and places people; it makes nobody an
admin or owner, so that a stolen token gives no power over the organization.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from workflows import calendar
from workflows.errors import Invalid, NotNow
from workflows.organization import events as e

# What the directory may make of somebody, from the least to the most.
ROLES = ("guest", "member", "security_contact", "signing_official")
MOST_TOKENS = 2  # tokens or keys: the present one, and the one that it follows for a while
OVERLAP_DAYS = 7
LIFETIMES = (90, 180, 365)  # days

EVENTS = (
    e.DirectoryTokenMade, e.DirectoryKeyRegistered, e.DirectoryTokenShortened,
    e.DirectoryTokenRevoked, e.DirectoryStartSet, e.DirectoryGroupMapped, e.OwnerDepartureReported,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a group gives: a role, "" for none, and a workspace or engagement, "" for none."""

    role: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """`tokens`: id of a token or key -> until when it is accepted (ISO 8601 UTC). `starts_as` is
    the role of a person of whom no group says anything. `owner_gone` is the owner whose departure
    it reported.
    """

    tokens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    starts_as: str = "member"
    groups: Mapping[str, Meaning] = field(default_factory=lambda: MappingProxyType({}))
    owner_gone: str = ""


def evolve(directory: Directory, event: object) -> Directory:
    """The directory after one of `EVENTS`."""
    tokens = directory.tokens
    match event:
        case (
            e.DirectoryTokenMade(token=token, expires_at=end)
            | e.DirectoryKeyRegistered(token=token, expires_at=end)
            | e.DirectoryTokenShortened(token=token, expires_at=end)
        ):
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


def next_end(days: int, now: datetime) -> str:
    """Until when a token or key that is made now is accepted (ISO 8601 UTC).

    Raises:
        Invalid: for a number of days that is not offered.
    """
    if days not in LIFETIMES:
        raise Invalid(
            f"a directory is not let in for {days} days",
            remedy=f"one of {', '.join(map(str, LIFETIMES))}",
            fields={"days": "Choose for how long"},
        )
    return calendar.iso(now + timedelta(days=days))


def makes_way(directory: Directory, proven: bool, now: datetime) -> tuple[object, ...]:
    """What happens to the earlier tokens and keys when the next comes: those that ended go, the
    present one stays good for the overlap.

    Raises:
        NotNow: without a proven domain, or when as many as may be are accepted already.
    """
    if not proven:
        raise NotNow(
            "your organization has no proven domain",
            code="no_domain",
            remedy="prove a domain first: a directory speaks for addresses in it alone",
        )
    over = [token for token, end in directory.tokens.items() if end <= calendar.iso(now)]
    live = {token: end for token, end in directory.tokens.items() if token not in over}
    if len(live) >= MOST_TOKENS:
        raise NotNow(
            f"{MOST_TOKENS} tokens or keys are accepted already",
            code="too_many_tokens",
            remedy="revoke the one that your directory no longer uses",
        )
    overlap = calendar.iso(now + timedelta(days=OVERLAP_DAYS))
    return (
        *(e.DirectoryTokenRevoked(token) for token in over),
        *(e.DirectoryTokenShortened(t, overlap) for t, end in live.items() if end > overlap),
    )


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
