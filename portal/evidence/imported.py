"""The screening lists in use: read whole, copied, put on the record, and the last good one kept."""

from __future__ import annotations

import shutil
import tempfile
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
    shelf = settings().data_dir / "lists" / ofac.SOURCE
    shelf.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=shelf, prefix="part-"))
    try:
        for name in ofac.FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, part / name)
        # The copy is what is read: a file that changes meanwhile changes nothing of it.
        sanctions = ofac.load(part)
        if not _copy_of(sanctions.source, sanctions.digest).is_dir():
            part.replace(_copy_of(sanctions.source, sanctions.digest))
    finally:
        shutil.rmtree(part, ignore_errors=True)
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
    try:
        sanctions = _read(str(_copy_of(source, row.digest)))
    except ofac.ListInvalid as wrong:
        _log.error("list copy unreadable", source=source, error=str(wrong))
        return Current(None, None)
    same = sanctions.digest == row.digest
    return Current(sanctions, clock.parse(row.imported_at)) if same else Current(None, None)


@lru_cache(maxsize=2)
def _read(folder: str) -> SanctionsList:
    return ofac.load(Path(folder))


def _copy_of(source: str, digest: str) -> Path:
    return settings().data_dir / "lists" / source / digest
