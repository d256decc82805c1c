"""`portal small-program`: what a program with few people relaxes, and until when."""

from __future__ import annotations

import click

from portal import vault
from portal.boards import relaxations
from portal.cli.main import in_app, stop
from portal.ledger import perform
from workflows.actors import operator
from workflows.installation.commands.relax import Relax
from workflows.installation.commands.restore import Restore
from workflows.installation.small_program import RULES, STREAM
from workflows.words import status

OPERATOR = operator("small-program")
_RULE = click.Choice(RULES)


@click.group("small-program", invoke_without_command=True)
@click.pass_context
def small_program(context: click.Context) -> None:
    """List what a program with few people relaxes; allow or end a rule.

    Never relaxed: how many reviewers a case needs, a decider apart from them, and that nobody
    approves themselves.
    """
    if context.invoked_subcommand is None:
        listing()


@in_app
def listing() -> None:
    allowed = {row.rule: row for row in relaxations.relaxed()}
    for rule in RULES:
        row = allowed.get(rule)
        click.echo(f"{rule}: {f'allowed since {row.since[:10]}' if row else 'off'}")
        click.echo(f"    {status('relaxation', rule).meaning}")
        if row:
            click.echo(f"    Reason: {vault.text(row.reason_ref)}")
            if not relaxations.needed(rule):
                click.echo(f"    Enough people exist now; `portal small-program end {rule}`.")


@small_program.command()
@click.argument("rule", type=_RULE)
@click.option("--reason", required=True, help="Why; staff and auditors may ask for it.")
@in_app
def allow(rule: str, reason: str) -> None:
    """Relax RULE. All staff are told by mail, and pages that it affects say so."""
    if not reason.strip():
        stop("A reason is missing.", "Say why the program needs this: --reason '...'.")
    if relaxations.relaxed((rule,)):
        stop(f"{rule} is allowed already.", "For another reason, end it first.")
    perform(Relax(STREAM, rule, vault.put(STREAM, reason.strip())), OPERATOR)
    click.echo(f"{rule} is allowed, and all staff are told. It counts while too few people exist.")


@small_program.command("end")
@click.argument("rule", type=_RULE)
@in_app
def end_rule(rule: str) -> None:
    """Put RULE back into force, at once."""
    if not relaxations.relaxed((rule,)):
        stop(f"{rule} is not relaxed.", "`portal small-program` lists what is.")
    perform(Restore(STREAM, rule), OPERATOR)
    click.echo(f"{rule} is off again, and all staff are told.")


COMMANDS = (small_program,)
