"""What can have happened to a program's rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionActivated:
    """From now on applications are submitted under this version.

    `documents` maps file name to TOML text: the rules themselves are on the record, so that an
    auditor needs no other copy. `version` is the hex SHA-256 of those texts.
    """

    program: str
    version: str
    documents: dict[str, str]
