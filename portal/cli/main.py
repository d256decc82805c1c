"""The command group: finds the data folder, turns what can go wrong into words and status 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal import settings as settings_module
from portal.evidence.ofac import ListInvalid
from portal.settings import Settings, SettingsInvalid
from portal.vault.envelope import VaultKeyInvalid
from workflows.errors import Refused
from workflows.program import ProgramInvalid

C = TypeVar("C", bound=Callable[..., Any])


def stop(*lines: str) -> NoReturn:
    """Say what is wrong and how to mend it, and end with status 2."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def settings() -> Settings:
    """The settings of the folder that `--data` names."""
    found: str | None = click.get_current_context().find_root().params.get("data")
    return settings_module.load(found)


def app() -> Flask:
    """The portal's app for this data folder."""
    from portal.app import create_app  # the whole portal: only commands that need it pay for it

    return create_app(settings())


def in_app(command: C) -> C:
    """Run a command inside the app's context, after the schema was found to be the newest."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with app().app_context():
            require_schema()
            return command(*args, **kwargs)

    return run  # type: ignore[return-value]


def require_schema() -> None:
    from portal import schema

    if schema.current() != schema.newest():
        stop(
            f"The database is at revision {schema.current() or 'none'}, "
            f"the portal needs {schema.newest()}.",
            "Run `portal db upgrade`; for a new installation, `portal init`.",
        )


class _Words(click.Group):
    """A group whose commands end in words, not in traces, when the world is not as it should."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except SettingsInvalid as wrong:
            stop("A setting is wrong:", *(f"  {line}" for line in str(wrong).splitlines()))
        except VaultKeyInvalid as wrong:
            stop(str(wrong))
        except FileNotFoundError as missing:
            stop(str(missing))
        except ProgramInvalid as invalid:
            stop("The program document is not valid:", *(f"  {p}" for p in invalid.problems))
        except ListInvalid as invalid:
            stop(f"The list was not imported, the last good copy stays: {invalid}")
        except Refused as refused:
            stop(f"Refused: {refused.message}.", *([refused.remedy] if refused.remedy else []))
        except (OperationalError, ProgrammingError) as failed:
            stop(
                f"The database does not answer as it should: {str(failed.orig).splitlines()[0]}",
                "Check PORTAL_DATABASE_URL, that the server runs, and `portal db upgrade`.",
            )


@click.group(cls=_Words)
@click.option("--data", envvar="PORTAL_DATA_DIR", default="data", show_default=True,
              help="The installation's data folder.")  # fmt: skip
@click.version_option(package_name="trusted-access-portal")
def main(data: str) -> None:
    """Run a trusted-access program: apply, vet, grant, issue, verify, revoke."""


def _load_commands() -> None:
    from portal.cli import (
        backup,
        boards,
        db,
        demo,
        doctor,
        init,
        keys,
        ledger,
        lists,
        password,
        program,
        run,
        small_program,
    )

    for module in (init, run, db, keys, program, ledger, boards, backup, doctor, lists, password,
                   small_program, demo):  # fmt: skip
        for command in module.COMMANDS:
            main.add_command(command)


_load_commands()
