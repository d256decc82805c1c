"""`portal ledger`: verify and read the record."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.progress import Progress

from portal.cli.main import in_app, stop
from portal.ledger import sequencer
from portal.ledger import verify as verifying
from portal.ledger.codec import canonical


@click.group()
def ledger() -> None:
    """Verify the chain, and place what waits for a position."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@in_app
def verify(as_json: bool) -> None:
    """Recompute every digest, link, head and position; status 2 with the first bad entry."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Verifying", total=None)
        verdict = verifying.verify(lambda done: progress.update(task, completed=done))
    if as_json:
        found = {
            "ok": verdict.ok, "entries": verdict.entries, "streams": verdict.streams,
            "placed": verdict.placed, "unplaced": verdict.unplaced, "bad": verdict.bad,
            "sees": list(verifying.SEES), "waits": list(verifying.WAITS_FOR_CHECKPOINTS),
        }  # fmt: skip
        click.echo(canonical(json.loads(json.dumps(found))))
        raise SystemExit(0 if verdict.ok else 2)
    if not verdict.ok:
        stop(f"The chain is broken at {verdict.bad}.")
    click.echo(
        f"The chain holds: {verdict.entries} entries in {verdict.streams} streams, "
        f"{verdict.placed} placed, {verdict.unplaced} waiting for a place."
    )
    click.echo("This would have seen: " + "; ".join(verifying.SEES) + ".")
    click.echo("Unseen until signed checkpoints exist: "
               + "; ".join(verifying.WAITS_FOR_CHECKPOINTS) + ".")  # fmt: skip


@ledger.command()
@in_app
def place() -> None:
    """Give positions to entries that wait for one; the worker does this all the time."""
    click.echo(f"{sequencer.place_all()} placed")


COMMANDS = (ledger,)
