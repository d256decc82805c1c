"""`portal demo`: the whole loop on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.main import stop


@click.command()
@click.option("--once", is_flag=True, help="Walk the loop in a temporary folder, then exit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--fresh", is_flag=True, help="Forget the demo's data and start over.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default="demo-data",
              show_default=True, help="The demo's own data folder.")  # fmt: skip
@click.option("--port", default=8000, show_default=True, help="Web port; 0 for any free one.")
def demo(once: bool, as_json: bool, fresh: bool, folder: Path, port: int) -> None:
    """Run the portal with sample organizations, walk its loop once, and stay up."""
    from portal.demo import stage

    try:
        code = stage.once(as_json) if once else stage.stay(folder, port, fresh, as_json)
    except stage.DemoRefused as refused:
        stop(str(refused))
    raise SystemExit(code)


COMMANDS = (demo,)
