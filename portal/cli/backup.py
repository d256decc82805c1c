"""`portal backup` and `portal restore`."""

from __future__ import annotations

from pathlib import Path

import click

from portal import backups, founding
from portal.cli.main import app, in_app, settings, stop


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_app
def backup(folder: Path) -> None:
    """Write everything into FOLDER: tables, the vault's files, and the wrapped keys apart.

    Keep `vault-keys.jsonl` in another place than the rest: without it, and without the vault's
    key, what is in the vault stays closed.
    """
    if folder.exists() and any(folder.iterdir()):
        stop(f"{folder} is not empty.", "Name a new folder for each backup.")
    counts = backups.write(folder)
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables in {folder}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Read a backup into an empty database; the ledger is verified before anything is served."""
    found = settings()
    if not found.vault_key and not (found.vault_key_file and found.vault_key_file.is_file()):
        stop(
            f"{found.vault_key_file}: the key of the installation that was backed up is missing.",
            "Put it there first; it is kept apart from backups. Then run restore again.",
        )
    founding.make_folder(found)
    with app().app_context():
        try:
            verdict = backups.read(folder)
        except backups.BackupInvalid as wrong:
            stop(str(wrong))
        click.echo(f"{verdict.entries} entries restored; the chain holds.")


COMMANDS = (backup, restore)
