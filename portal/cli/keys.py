"""`portal keys`: the issuer's own keys."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from portal.boards import signing_keys
from portal.cli.main import in_app
from portal.issuing import keyring
from workflows.actors import operator

_OPERATOR = operator("keys")


@click.group()
def keys() -> None:
    """List, create, activate and destroy the keys that sign tokens."""


@keys.command("list")
@in_app
def list_keys() -> None:
    """Show every key with its state."""
    table = Table("id", "kid", "purpose", "alg", "state", "since")
    for row in signing_keys.every_key():
        table.add_row(row.id, row.kid, row.purpose, row.alg, row.status, row.since[:19] + "Z")
    Console().print(table)


@keys.command()
@in_app
def create() -> None:
    """Make a key and publish its public half; it does not sign yet."""
    click.echo(keyring.create(_OPERATOR))
    click.echo("Published. Activate it after 24 hours, when every cache knows it.", err=True)


@keys.command()
@click.argument("key_id")
@click.option("--now", is_flag=True, help="Although it was published less than 24 hours ago.")
@in_app
def activate(key_id: str, now: bool) -> None:
    """Let a published key sign; the one before it stays published while its tokens live."""
    keyring.activate(key_id, _OPERATOR, at_once=now)
    click.echo(f"{key_id} signs from now on.")


@keys.command()
@click.argument("key_id")
@click.option("--reason", required=True, help="For the record.")
@click.confirmation_option(prompt="Every token that this key signed fails at once. Go on?")
@in_app
def destroy(key_id: str, reason: str) -> None:
    """Destroy a key's private half and unpublish it."""
    keyring.destroy(key_id, reason, _OPERATOR)
    click.echo(f"{key_id} is destroyed.")


COMMANDS = (keys,)
