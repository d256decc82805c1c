"""What can have happened to the lists that names are screened against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListImported:
    """A list was read whole. Freshness counts from here; `digest` is hex SHA-256 of the files."""

    source: str
    digest: str
    entries: int
