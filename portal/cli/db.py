"""`portal db`: the schema."""

from __future__ import annotations

import click

from portal import schema
from portal.cli.main import app, stop


@click.group()
def db() -> None:
    """Bring the database to the newest revision, or look where it is."""


@db.command()
def upgrade() -> None:
    """Migrate forward; a second run does nothing."""
    with app().app_context():
        before = schema.current()
        schema.upgrade()
        click.echo(f"{before or 'empty'} -> {schema.current()}")


@db.command()
def current() -> None:
    """Print the revision, and whether it is the newest; status 2 when it is not."""
    with app().app_context():
        at, newest = schema.current(), schema.newest()
        if at != newest:
            stop(f"{at or 'empty'}; the newest is {newest}", "Run `portal db upgrade`.")
        click.echo(f"{at}, the newest")


@db.command(hidden=True)
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from what the code says and the database lacks (for developers)."""
    with app().app_context():
        schema.revision(message)


COMMANDS = (db,)
