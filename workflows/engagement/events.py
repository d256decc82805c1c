"""What can have happened to an engagement."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Opened:
    """Work on named targets, first and last day as ISO 8601 dates; texts lie in the vault.

    `workspace` is the room that it belongs to, or "".
    """

    org_id: str
    workspace: str
    title: Vaulted
    targets: Vaulted
    starts_on: str
    ends_on: str


@dataclass(frozen=True, slots=True)
class Changed:
    targets: Vaulted
    starts_on: str
    ends_on: str


@dataclass(frozen=True, slots=True)
class DocumentAttached:
    """Whoever owns the targets authorized the work: the file, and its name and type."""

    file: Vaulted
    about: Vaulted


@dataclass(frozen=True, slots=True)
class Closed:
    """The work is over, on time or before it."""
