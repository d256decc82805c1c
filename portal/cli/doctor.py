"""`portal doctor`: what is wrong with this deployment, and how to mend it."""

from __future__ import annotations

import json

import click

from portal import health
from portal.cli.main import app

_SIGNS = {"good": "ok  ", "warn": "warn", "bad": "BAD "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def doctor(as_json: bool) -> None:
    """Look at keys, database, broker, lists, mail, clock work; status 2 when something is bad."""
    with app().app_context():
        findings = health.examine()
    for finding in findings:
        if as_json:
            click.echo(json.dumps({"part": finding.part, "state": finding.state,
                                   "found": finding.found, "remedy": finding.remedy}))  # fmt: skip
        else:
            click.echo(f"{_SIGNS[finding.state]}  {finding.part}: {finding.found}")
            if finding.remedy:
                click.echo(f"      {finding.remedy}")
    raise SystemExit(2 if any(f.state == "bad" for f in findings) else 0)


COMMANDS = (doctor,)
