"""What can have happened to a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Opened:
    """An organization made a room; its name lies in the vault."""

    org_id: str
    name: Vaulted


@dataclass(frozen=True, slots=True)
class ApplicationPlaced:
    """Whoever is in the room sees this application, from its draft to its grant."""

    application: str


@dataclass(frozen=True, slots=True)
class ApplicationTakenOut:
    application: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody sees anything through it any more."""
