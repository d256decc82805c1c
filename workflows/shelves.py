"""Identifiers on the shelves `checks/` and `stages/`: the file names themselves."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
_NOT_ENTRIES = {"__init__", "finding"}


def _shelf(folder: str) -> tuple[str, ...]:
    return tuple(
        sorted(p.stem for p in (_HERE / folder).glob("*.py") if p.stem not in _NOT_ENTRIES)
    )


CHECKS = _shelf("checks")
STAGES = _shelf("stages")
