"""`portal password`: for somebody who lost their authenticator and their recovery codes."""

from __future__ import annotations

import click

from portal.cli.main import in_app, stop
from portal.desk import links, sessions
from portal.ledger import perform
from workflows.account.commands.remove_password import RemovePassword
from workflows.actors import operator


@click.group()
def password() -> None:
    """Remove a person's password; nobody but that person sets one."""


@password.command()
@click.argument("address")
@in_app
def remove(address: str) -> None:
    """Remove the password of ADDRESS; its person is told by mail, and signed out everywhere.

    Make sure who asks, by another way than mail, before you do this.
    """
    account = links.account_of(address)
    if account is None:
        stop("Nobody has signed in with this address.", "Check how it is written.")
    perform(RemovePassword(account), operator("password"))
    sessions.end_all(account)
    click.echo("Removed. From now on a mailed link or a passkey signs them in.")


COMMANDS = (password,)
