"""The screening lists in use: read whole, copied, put on the record, and the last good one kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from portal import clock, logs
from portal.boards import lists
from portal.evidence import ofac
from portal.evidence.screening import SanctionsList
from portal.installation import settings
from portal.ledger import perform
from workflows.actors import Actor, robot
from workflows.screening.commands.import_list import ImportList

_log = logs.get("lists")


@dataclass(frozen=True, slots=True)
class Current:
    """The copy in use and when it was imported; `sanctions` is None when its files are gone."""

    sanctions: SanctionsList | None
    imported_at: datetime | None


def import_ofac(folder: Path, actor: Actor) -> SanctionsList:
    """Import OFAC's CSV files: all or nothing, counted as fresh from this moment.

    Raises:
        ListInvalid: nothing changed; the last good copy stays in use.
    """
    sanctions = ofac.load(folder)
    copy = _copy_of(sanctions.source, sanctions.digest)
    if not copy.is_dir():
        part = copy.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name in ofac.FILES:
            shutil.copyfile(folder / name, part / name)
        part.replace(copy)
    perform(
        ImportList(
            f"lst_{sanctions.source}",
            source=sanctions.source,
            digest=sanctions.digest,
            entries=len(sanctions.entries),
        ),
        actor,
    )
    return sanctions


def refresh() -> bool:
    """Import the list that the settings name when its files are newer than the last import.

    An unchanged file is not made fresh by being looked at.
    """
    named = settings().sanctions_ofac
    if named is None:
        return False
    folder = named.parent if named.suffix else named
    last = lists.current(ofac.SOURCE)
    try:
        written = max((folder / name).stat().st_mtime for name in ofac.FILES)
        newer = datetime.fromtimestamp(written, UTC)
        if last is not None and clock.parse(last.imported_at) >= newer:
            return False
        import_ofac(folder, robot("lists"))
    except (ofac.ListInvalid, OSError) as wrong:
        _log.error("list not imported", source=ofac.SOURCE, error=str(wrong))
        return False
    return True


def current(source: str) -> Current:
    """The list as it was imported last."""
    row = lists.current(source)
    if row is None:
        return Current(None, None)
    return Current(_read(str(_copy_of(source, row.digest))), clock.parse(row.imported_at))


@lru_cache(maxsize=2)
def _read(folder: str) -> SanctionsList | None:
    try:
        return ofac.load(Path(folder))
    except ofac.ListInvalid:
        return None


def _copy_of(source: str, digest: str) -> Path:
    return settings().data_dir / "lists" / source / digest
