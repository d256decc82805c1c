"""Rooms: workspaces and engagements, which show those in them a part of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from workflows.errors import NotFound
from workflows.organization import events as e

Rooms = Mapping[str, frozenset[str]]
EVENTS = (e.MemberPlaced, e.MemberUnplaced)


class Room(Protocol):
    """What a workspace and an engagement have in common."""

    @property
    def org_id(self) -> str: ...

    @property
    def phase(self) -> str: ...


def check_open(room: Room, org_id: str) -> None:
    """Raises NotFound unless the room is open and the organization's own."""
    if (room.org_id, room.phase) != (org_id, "open"):
        raise NotFound("there is no such workspace or engagement")


def evolve(rooms: Rooms, event: object) -> Rooms:
    """Account -> the rooms that they are in, after one of `EVENTS`."""
    if isinstance(event, e.MemberPlaced):
        return {**rooms, event.account: rooms.get(event.account, frozenset()) | {event.room}}
    if isinstance(event, e.MemberUnplaced):
        return {**rooms, event.account: rooms.get(event.account, frozenset()) - {event.room}}
    raise TypeError(f"not about rooms: {event!r}")
