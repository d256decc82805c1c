"""`portal program`: programs as documents."""

from __future__ import annotations

from pathlib import Path

import click

from portal import founding
from portal.boards import programs
from portal.cli.main import in_app

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def program() -> None:
    """Check, activate and list program documents."""


@program.command()
@click.argument("folder", type=_FOLDER)
def check(folder: Path) -> None:
    """Parse and validate a program's folder; status 2 with every problem when it is wrong."""
    found, _texts = founding.read_program(folder)
    click.echo(
        f"{found.name}: {len(found.tiers)} tiers, {len(found.scopes)} scopes, "
        f"{len(found.questions)} questions, version {found.version[:16]}"
    )


@program.command()
@click.argument("folder", type=_FOLDER)
@in_app
def activate(folder: Path) -> None:
    """Put a version into force; applications sent before keep the version they were sent under."""
    found = founding.activate_program(folder)
    click.echo(f"{found.name} {found.version[:16]} is in force.")


@program.command("list")
@in_app
def list_programs() -> None:
    """Show the programs in force."""
    for found in programs.active():
        click.echo(f"{found.name}  {found.version[:16]}  {found.title}")


COMMANDS = (program,)
