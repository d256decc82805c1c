"""`portal init`: found an installation."""

from __future__ import annotations

import click

from portal import founding
from portal.app import create_app
from portal.cli.main import settings
from portal.evidence import imported
from portal.spelling import InvalidAddress


@click.command()
@click.option("--administrator", metavar="ADDRESS", help="E-mail address of the administrator.")
@click.option(
    "--staff",
    multiple=True,
    metavar="ROLE=ADDRESS",
    help="A founding member of staff, such as reviewer=ada@example.org; may be repeated.",
)
def init(administrator: str | None, staff: tuple[str, ...]) -> None:
    """Make the data folder, its keys and database, the issuer's key, and the programs.

    Running it again does nothing that was done already. Each person named gets an account; they
    sign in by mail and add a passkey, which staff pages ask for.
    """
    found = settings()
    fresh = founding.make_folder(found)
    with create_app(found).app_context():
        founding.found(found)
        imported.refresh()
        for entry in [*staff, *([f"administrator={administrator}"] if administrator else [])]:
            role, sign, address = entry.partition("=")
            if not sign or "@" not in address:
                raise click.BadParameter(f"{entry!r}: write ROLE=ADDRESS", param_hint="--staff")
            try:
                founding.appoint(address, address.partition("@")[0], [role])
            except InvalidAddress as wrong:
                raise click.BadParameter(f"{address!r}: {wrong}", param_hint="--staff") from None
            click.echo(f"{address} is {role.replace('_', ' ')}.")
    click.echo(f"{'Founded' if fresh else 'Looked through'} {found.data_dir}.")
    click.echo("Keep a copy of keys/vault.key apart from every backup: without it, the vault is")
    click.echo("noise. Next: `portal serve` and `portal worker`, and `portal doctor` to check.")


COMMANDS = (init,)
