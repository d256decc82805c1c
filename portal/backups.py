"""Backups: every table as JSON lines, readable on both databases; wrapped keys apart."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select

from portal import schema
from portal.extensions import db
from portal.installation import settings
from portal.ledger import verify
from portal.ledger.database import writing
from portal.ledger.tables import events

KEYS = "vault_keys"
# Short-lived rows are left out: nobody is signed in after a restore.
_LEFT_OUT = frozenset({"sessions", "challenges", "links"})
_FOLDERS = ("vault", "lists")  # encrypted files, and the screening lists in use
_BATCH = 500


class BackupInvalid(Exception):
    """The folder is no backup, or cannot be read into this database; the message says why."""


def _tables() -> list[Table]:
    return [t for t in db.metadata.sorted_tables if t.name not in _LEFT_OUT]


def _path(folder: Path, table: Table) -> Path:
    return folder / ("vault-keys.jsonl" if table.name == KEYS else f"tables/{table.name}.jsonl")


def write(folder: Path) -> dict[str, int]:
    """Write a backup of one moment into a new folder; rows by table.

    Raises:
        BackupInvalid: the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupInvalid(f"{folder} is not empty; name a new folder for each backup")
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    with db.engine.connect() as plain:
        connection = plain
        if plain.dialect.name != "sqlite":
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
        for table in _tables():
            with _path(folder, table).open("w", encoding="utf-8") as file:
                count = 0
                for row in connection.execution_options(yield_per=_BATCH).execute(select(table)):
                    file.write(json.dumps(_plain(dict(row._mapping)), ensure_ascii=False) + "\n")
                    count += 1
                counts[table.name] = count
        about = {"revision": schema.current(), "counts": counts}
    for name in _FOLDERS:
        if (settings().data_dir / name).is_dir():
            shutil.copytree(settings().data_dir / name, folder / name)
    (folder / "backup.json").write_text(json.dumps(about, indent=1))
    return counts


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        k: {"b64": base64.b64encode(v).decode()} if isinstance(v, bytes) else v
        for k, v in row.items()
    }


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                raise BackupInvalid(
                    f"{path} has a line that is no JSON; it is cut off, and nothing was restored"
                ) from None
            yield {
                k: base64.b64decode(v["b64"]) if isinstance(v, dict) else v for k, v in row.items()
            }


def read(folder: Path) -> verify.Verdict:
    """Read a backup into an empty database, whole or not at all.

    Raises:
        BackupInvalid: no backup, of another revision, cut off, or the database is not empty.
    """
    try:
        about = json.loads((folder / "backup.json").read_text())
    except (OSError, ValueError):
        raise BackupInvalid(f"{folder} holds no backup: backup.json is missing") from None
    schema.upgrade()
    if about["revision"] != schema.current():
        raise BackupInvalid(
            f"the backup is of revision {about['revision']}, this portal is at {schema.current()}; "
            "restore it with the portal that wrote it, then upgrade"
        )
    with writing() as connection:
        if connection.execute(select(func.count()).select_from(events)).scalar_one():
            raise BackupInvalid("the database is not empty; restore into a new installation")
        for table in _tables():
            _read_table(connection, folder, table, about["counts"].get(table.name, 0))
        verdict = verify.verify_on(connection)
        if not verdict.ok:
            raise BackupInvalid(
                f"the backup's ledger is broken at {verdict.bad}; nothing was restored"
            )
    for name in _FOLDERS:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, settings().data_dir / name, dirs_exist_ok=True)
    return verdict


def _read_table(connection: Any, folder: Path, table: Table, expected: int) -> None:
    path = _path(folder, table)
    if not path.is_file():
        raise BackupInvalid(f"{path} is missing; nothing was restored")
    batch: list[dict[str, Any]] = []
    count = 0
    for row in _rows(path):
        batch.append(row)
        count += 1
        if len(batch) == _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    if count != expected:
        raise BackupInvalid(
            f"{path} has {count} rows, {expected} were written; it is cut off, "
            "and nothing was restored"
        )
