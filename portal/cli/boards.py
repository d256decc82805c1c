"""`portal boards`: what the ledger says, as tables."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress

from portal.cli.main import in_app
from portal.ledger import rebuild as rebuilding


@click.group()
def boards() -> None:
    """Rebuild the tables that pages read."""


@boards.command()
@in_app
def rebuild() -> None:
    """Empty every board and feed it the ledger again, in one transaction."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Rebuilding", total=None)
        count = rebuilding.rebuild(
            lambda done, whole: progress.update(task, completed=done, total=whole)
        )
    click.echo(f"{count} events projected")


COMMANDS = (boards,)
