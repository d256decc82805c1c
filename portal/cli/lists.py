"""`portal lists`: screening lists."""

from __future__ import annotations

from pathlib import Path

import click

from portal.boards import lists as board
from portal.cli.main import in_app
from portal.evidence import imported
from workflows.actors import operator


@click.group()
def lists() -> None:
    """Import screening lists, and see which copy is in use."""


@lists.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@in_app
def import_list(path: Path) -> None:
    """Import OFAC's CSV files: PATH is sdn.csv, or the folder that holds it, alt.csv and add.csv.

    All or nothing: a wrong file changes nothing, and the last good copy stays in use.
    """
    found = imported.import_ofac(path if path.is_dir() else path.parent, operator("lists"))
    click.echo(f"{found.source}: {len(found.entries)} entries, digest {found.digest[:16]}")


@lists.command("show")
@in_app
def show() -> None:
    """Show the lists in use."""
    for row in board.all_lists():
        click.echo(
            f"{row.source}  {row.entries} entries  imported {row.imported_at}  {row.digest[:16]}"
        )


COMMANDS = (lists,)
