"""`python -m bench [FIGURE ...]`: measure, print a table, write `bench/results.json`.

`python -m bench timing [--samples N]`: whether answers tell by their time who exists.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import figures

RESULTS = Path(__file__).parent / "results.json"


def main(wanted: list[str]) -> int:
    if wanted[:1] == ["timing"]:
        return import_module("bench.telling").main(wanted[1:])  # takes many minutes: on demand
    names = [m.name for m in pkgutil.iter_modules(figures.__path__)]
    unknown = set(wanted) - set(names)
    if unknown:
        sys.stderr.write(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(names)}\n")
        return 2
    rows = []
    console = Console()
    for name in wanted or names:
        figure = import_module(f"bench.figures.{name}")
        with console.status(f"Measuring {figure.NAME}"):
            found = figure.measure()
        ratio = None if found is None else round(found, 2)
        holds = None if ratio is None else ratio <= figure.AIM
        rows.append({"name": figure.NAME, "ratio": ratio, "yardstick": figure.YARDSTICK,
                     "aim": figure.AIM, "holds": holds})  # fmt: skip
    table = Table("figure", "ratio", "yardstick", "aim", "holds")
    for row in rows:
        words = {True: "yes", False: "NO", None: "not measured: no server"}[row["holds"]]
        table.add_row(row["name"], str(row["ratio"]), row["yardstick"], f"<= {row['aim']}", words)
    console.print(table)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
