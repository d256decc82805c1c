"""Backups: read on either database, whole or not at all, with the keys apart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from portal import backups, founding, vault
from portal.app import create_app
from portal.desk import sessions
from portal.desk.tables import drafts, private_keys
from portal.extensions import db
from portal.installation import installation
from portal.ledger import projection, verify
from portal.ledger.rebuild import rebuild
from portal.ledger.sequencer import place_all
from portal.ledger.tables import events, jobs, positions, streams, unplaced
from portal.settings import Settings
from portal.vault.keep import FILE_FROM_BYTES
from portal.vault.tables import items, keys
from tests import builders
from tests.conftest import make_app, make_settings
from tests.portal.ledger import history
from workflows.actors import Strength

COMPARED = (events, streams, positions, unplaced, jobs, items, keys, drafts, private_keys)


def _empty(folder: Path, url: str, key: str) -> Flask:
    """A new installation with the key of the one that was backed up, and no table yet."""
    settings: Settings = make_settings(folder, database_url=url, vault_key=key)
    founding.make_folder(settings)
    return create_app(settings)


def _key() -> str:
    file = installation().settings.vault_key_file
    assert file is not None
    return file.read_text().strip()


@pytest.mark.postgres
@pytest.mark.parametrize("way", ["sqlite to postgres", "postgres to sqlite"])
def test_a_backup_is_read_on_the_other_database(
    way: str, postgres_url: str, tmp_path: Path
) -> None:
    """Every row comes back to the letter, the vault opens, and the chain holds."""
    first, second = ("", postgres_url) if way.startswith("sqlite") else (postgres_url, "")
    old = make_app(make_settings(tmp_path / "old", database_url=first))
    with old.app_context():
        made = history.rich()
        ref = vault.put(made.org.id, b"x" * FILE_FROM_BYTES)
        small = vault.put(made.org.id, "Zażółć")
        sessions.start(made.org.owner.id, Strength.PASSKEY)
        place_all()
        builders.submit(made.org)  # not placed yet
        counts = backups.write(tmp_path / "backup")
        kept, key = history.rows(*COMPARED, *projection.tables()), _key()
        whole = verify.verify()
        db.engine.dispose()
    new = _empty(tmp_path / "new", second, key)
    with new.app_context():
        verdict = backups.read(tmp_path / "backup")
        assert verdict == whole
        assert verdict.unplaced > 0
        assert history.rows(*COMPARED, *projection.tables()) == kept
        assert counts["events"] == len(kept["events"])
        assert vault.read(ref.id) == b"x" * FILE_FROM_BYTES
        assert vault.holds(ref)
        assert vault.text(small.id) == "Zażółć"
        assert history.rows(sessions.sessions) == {"sessions": []}  # nobody is signed in
        place_all()
        assert verify.verify().ok
        builders.submit(made.org)  # and it goes on from there
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def backup(app: Flask, tmp_path: Path) -> Path:
    """A backup of a small installation."""
    org = builders.organization()
    builders.submit(org)
    vault.put(org.id, b"x" * FILE_FROM_BYTES)
    place_all()
    backups.write(tmp_path / "backup")
    return tmp_path / "backup"


def test_wrapped_keys_lie_apart(app: Flask, backup: Path) -> None:
    """The folder of tables and files opens nothing: the wrapped keys are one file beside it."""
    wrapped = [row[1] for row in history.rows(keys)["vault_keys"]]
    assert wrapped
    lines = (backup / "vault-keys.jsonl").read_text().splitlines()
    assert len(lines) == len(wrapped)
    assert not list((backup / "tables").glob("*vault_keys*"))
    for short_lived in ("sessions", "challenges", "links"):
        assert not (backup / "tables" / f"{short_lived}.jsonl").exists()
    found = {json.loads(line)["wrapped"]["b64"] for line in lines}
    whole = "".join(path.read_text() for path in (backup / "tables").iterdir())
    assert not [text for text in found if text in whole]
    assert _key() not in whole + "".join(lines)


def _last_line_gone(folder: Path) -> None:
    path = folder / "tables" / "events.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _cut_in_a_line(folder: Path) -> None:
    path = folder / "tables" / "positions.jsonl"
    path.write_text(path.read_text()[:-20])


def _file_gone(folder: Path) -> None:
    (folder / "tables" / "jobs.jsonl").unlink()


def _keys_gone(folder: Path) -> None:
    (folder / "vault-keys.jsonl").unlink()


def _of_another_revision(folder: Path) -> None:
    about = json.loads((folder / "backup.json").read_text())
    (folder / "backup.json").write_text(json.dumps({**about, "revision": "9999"}))


def _no_backup(folder: Path) -> None:
    (folder / "backup.json").unlink()


def _edited(folder: Path) -> None:
    path = folder / "tables" / "events.jsonl"
    path.write_text(path.read_text().replace("completeness", "completenesz"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_last_line_gone, "rows, .* were written; it is cut off"),
        (_cut_in_a_line, "it is cut off, and nothing was restored"),
        (_file_gone, r"jobs\.jsonl is missing; nothing was restored"),
        (_keys_gone, r"vault-keys\.jsonl is missing; nothing was restored"),
        (_of_another_revision, "the backup is of revision 9999, this portal is at"),
        (_no_backup, r"holds no backup: backup\.json is missing"),
        (_edited, r"the backup's ledger is broken at app_.*\(edited\); nothing was restored"),
    ],
    ids=lambda value: getattr(value, "__name__", "words"),
)
def test_a_harmed_backup_is_refused_and_nothing_restored(
    backup: Path, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    """Whatever is cut off, missing or edited is named, and the new installation stays empty."""
    harm(backup)
    new = _empty(tmp_path / "new", "", _key())
    with new.app_context():
        with pytest.raises(backups.BackupInvalid, match=words):
            backups.read(backup)
        if "revision" not in words and "backup.json" not in words.replace("\\", ""):
            restored = history.rows(*db.metadata.sorted_tables)
            assert {name for name, rows in restored.items() if rows} == set()
        assert not (tmp_path / "new" / "vault").exists()
        db.engine.dispose()


def test_a_database_in_use_is_not_written_over(app: Flask, backup: Path) -> None:
    """Restoring into an installation that has entries is refused and changes nothing."""
    before = history.rows(*db.metadata.sorted_tables)
    with pytest.raises(backups.BackupInvalid, match="the database is not empty; restore into a"):
        backups.read(backup)
    assert history.rows(*db.metadata.sorted_tables) == before


def test_a_backup_is_of_one_moment(either_app: Flask, tmp_path: Path) -> None:
    """While others write, what is backed up fits together: it is read back and the chain holds."""
    org = builders.organization()

    def write() -> None:
        for _ in range(8):
            builders.submit(org)
            place_all()

    def back_up() -> dict[str, int]:
        return backups.write(tmp_path / "backup")

    outcomes = history.at_once(either_app, [write, back_up])
    assert not [o for o in outcomes if isinstance(o, Exception)], outcomes
    new = _empty(tmp_path / "new", "", _key())
    with new.app_context():
        assert backups.read(tmp_path / "backup").ok
        boards = history.rows(*projection.tables())
        rebuild()
        assert history.rows(*projection.tables()) == boards
        db.engine.dispose()


def test_a_folder_in_use_is_not_written_into(app: Flask, backup: Path) -> None:
    """A second backup into the same folder is refused before a file of the first is touched."""
    before = {path: path.read_bytes() for path in backup.rglob("*") if path.is_file()}
    builders.organization()
    with pytest.raises(backups.BackupInvalid, match="is not empty; name a new folder"):
        backups.write(backup)
    assert {p: p.read_bytes() for p in backup.rglob("*") if p.is_file()} == before
    shutil.rmtree(backup)
    assert backups.write(backup)["organizations"] == 2
