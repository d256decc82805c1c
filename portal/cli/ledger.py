"""`portal ledger`: verify, read and export the record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from portal.cli.main import in_app, stop
from portal.ledger import export as exporting
from portal.ledger import sequencer
from portal.ledger import verify as verifying
from portal.ledger.codec import canonical

if TYPE_CHECKING:
    from portal.ledger import signatures

    Verdicts = tuple[verifying.Verdict, signatures.Verdict | None]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def ledger() -> None:
    """Verify the chain, place what waits for a position, export the entries."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--signatures", "signed", is_flag=True,
              help="Verify the passkey signature of every decision as well.")  # fmt: skip
@click.option("--file", type=_FILE,
              help="Verify an export instead; this needs no data folder.")  # fmt: skip
def verify(as_json: bool, signed: bool, file: Path | None) -> None:
    """Recompute every digest, link, head and position; status 2 with the first bad entry."""
    chain, proofs = _of_file(file, signed) if file else _of_folder(signed)
    if as_json:
        found = _found(chain, proofs)
        click.echo(canonical(found))
        raise SystemExit(0 if found["ok"] else 2)
    if not chain.ok:
        stop(f"The chain is broken at {chain.bad}.")
    _say_chain(chain, whole=file is None)
    if proofs:
        _say_signatures(proofs)


@in_app
def _of_folder(signed: bool) -> Verdicts:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Verifying", total=None)
        chain = verifying.verify(lambda done: progress.update(task, completed=done))
    return chain, _signatures().verify() if signed else None


def _of_file(file: Path, signed: bool) -> Verdicts:
    try:
        lines = exporting.read(file)
    except exporting.NotAnExport as wrong:
        stop(f"{file} is not an export: {wrong}.", "Make one with `portal ledger export`.")
    return exporting.verify_chain(lines), _signatures().verify_rows(lines) if signed else None


def _signatures() -> Any:
    from portal.ledger import signatures  # loads WebAuthn: only who verifies pays for it

    return signatures


def _found(chain: verifying.Verdict, proofs: signatures.Verdict | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ok": chain.ok and (proofs is None or proofs.ok),
        "entries": chain.entries, "streams": chain.streams,
        "placed": chain.placed, "unplaced": chain.unplaced, "bad": chain.bad,
        "sees": list(verifying.SEES), "waits": list(verifying.WAITS_FOR_CHECKPOINTS),
    }  # fmt: skip
    if proofs:
        found["signatures"] = {"ok": proofs.ok, "signed": proofs.signed,
                               "unsigned": proofs.unsigned, "bad": proofs.bad}  # fmt: skip
    return found


def _say_chain(chain: verifying.Verdict, *, whole: bool) -> None:
    entries = f"The chain holds: {chain.entries} entries in {chain.streams} streams"
    if not whole:
        click.echo(f"{entries}. An export has no heads and positions: a stream's tail that was "
                   "cut off would not be seen in it.")  # fmt: skip
        return
    click.echo(f"{entries}, {chain.placed} placed, {chain.unplaced} waiting for a place.")
    click.echo("This would have seen: " + "; ".join(verifying.SEES) + ".")
    click.echo("Unseen until signed checkpoints exist: "
               + "; ".join(verifying.WAITS_FOR_CHECKPOINTS) + ".")  # fmt: skip


def _say_signatures(proofs: signatures.Verdict) -> None:
    if not proofs.ok:
        stop(f"A decision's signature does not hold at {proofs.bad}.")
    click.echo(
        f"The signatures hold: {proofs.signed} decisions signed by the passkeys of their "
        f"deciders, {proofs.unsigned} unsigned (decided before decisions were signed)."
    )


@ledger.command()
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="The file to write; without it, standard output.")  # fmt: skip
@in_app
def export(out: Path | None) -> None:
    """Write every entry as it is stored, one JSON object a line; it holds no personal text."""
    with click.open_file(str(out or "-"), "w", encoding="utf-8") as file:
        for line in exporting.lines():
            file.write(line + "\n")


@ledger.command()
@in_app
def place() -> None:
    """Give positions to entries that wait for one; the worker does this all the time."""
    click.echo(f"{sequencer.place_all()} placed")


COMMANDS = (ledger,)
