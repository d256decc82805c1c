"""`python -m bench timing`: whether the time of an answer tells that an account or a client exists.

Requests go through the whole portal in this process, on the embedded database: less noise than a
network has, so that a difference shows here first. Each figure is run up to three times and
holds when two of the three stay below the bound; what two runs have decided needs no third.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import argon2
import pyotp
from flask import Flask
from rich.console import Console
from rich.table import Table

from bench.welch import BOUND, Comparison, compare, timed
from portal import ids
from portal.extensions import db, limiter
from portal.identity import hashing, passwords
from portal.ledger import outbox
from portal.ledger.database import writing
from tests import builders
from tests.conftest import make_app, make_settings
from tests.signing import API, Machine, generate

RESULTS = Path(__file__).parent / "timing.json"
SAMPLES, AT_FULL_COST, RUNS = 20_000, 300, 3
# An eighth of a mebibyte, one pass: what is compared is everything around the hash.
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=128, parallelism=1)
TEXT, WRONG = "correct horse battery", "wrong horse battery"

Sides = tuple[Callable[[], float], Callable[[], float]]


@contextmanager
def _portal() -> Iterator[Flask]:
    """A portal whose rate limits are off and whose counters are emptied before each request."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(make_settings(Path(folder)))
        app.config["WTF_CSRF_ENABLED"] = False
        limiter.enabled = False
        outbox.ring.clear()
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def _empty() -> None:
    """Between samples: counters, links, jobs and steps, so that no side meets a larger table."""
    with writing() as connection:
        for table in ("attempts", "links", "jobs", "password_steps", "replays"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        for table in ("vault_items", "vault_keys"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE subject LIKE 'lnk_%'")


def _post(app: Flask, *steps: tuple[str, dict[str, Any]], **more: Any) -> Callable[[], float]:
    """The seconds that these posts take, one after the other in one browser."""

    def once() -> float:
        _empty()
        client = app.test_client()
        return timed(lambda: [client.post(path, data=form, **more) for path, form in steps])

    return once


def _password(app: Flask) -> Sides:
    person = builders.person("Pat Somebody", "known-account@people.example")
    passwords.begin(person, TEXT)
    found = passwords.set_up(person)
    if found is None:
        raise LookupError("the password was not set up")
    passwords.confirm(person, _code(found.key))
    return _signing_in(app, "known-account"), _signing_in(app, "strange-other")


def _code(key: str) -> str:
    return pyotp.TOTP(key.replace(" ", "")).now()


def _signing_in(app: Flask, name: str) -> Callable[[], float]:
    first = {"email": f"{name}@people.example", "password": WRONG}
    return _post(app, ("/sign-in/password", first), ("/sign-in/password/code", {"code": "000000"}))


def _right_and_wrong(app: Flask) -> Sides:
    """The first page alone, for one account: the right password and a wrong one."""
    _password(app)
    address = "known-account@people.example"
    return (
        _post(app, ("/sign-in/password", {"email": address, "password": TEXT})),
        _post(app, ("/sign-in/password", {"email": address, "password": WRONG + "!!"})),
    )


def _link(app: Flask) -> Sides:
    builders.person("Pat Somebody", "known-account@people.example")
    return tuple(_post(app, ("/sign-in", {"email": f"{name}@people.example"}))
                 for name in ("known-account", "strange-other"))  # type: ignore[return-value]  # fmt: skip


def _token(app: Flask) -> Sides:
    """Assertions by a key that is nobody's: for a client that exists, and for one that does not."""
    people, org = builders.staff(), builders.organization()
    known, _ = builders.credential(org, builders.grant(org, people))
    key = generate()
    return _asking(app, known, key), _asking(app, ids.new("cred"), key)


def _asking(app: Flask, client_id: str, key: Any) -> Callable[[], float]:
    machine = Machine(client_id, key)

    def once() -> float:
        form = {"grant_type": "client_credentials", "resource": API, "scope": "",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": machine.assertion()}  # fmt: skip
        proof, client = machine.proof(), app.test_client()
        return timed(lambda: client.post("/oauth/token", data=form, headers={"DPoP": proof}))

    return once


FIGURES: dict[str, tuple[Callable[[Flask], Sides], bool]] = {
    "sign-in by password: known and unknown address": (_password, True),
    "first page alone: right and wrong password": (_right_and_wrong, True),
    "sign-in by password, at full cost": (_password, False),
    "request for a mailed link": (_link, True),
    "token endpoint: known and unknown client": (_token, True),
}


def _measure(sides: Callable[[Flask], Sides], cheap: bool, samples: int) -> Iterator[Comparison]:
    shipped = hashing.HASHER
    try:
        hashing.HASHER = CHEAP if cheap else shipped
        with _portal() as app:
            known, unknown = sides(app)
            for _ in range(RUNS):
                yield compare(known, unknown, samples)
    finally:
        hashing.HASHER = shipped


def _decided(runs: Iterator[Comparison]) -> Iterator[Comparison]:
    """The runs until two agree."""
    seen = [0, 0]
    for run in runs:
        yield run
        seen[run.t < BOUND] += 1
        if max(seen) == 2:
            return


def _told(console: Console, name: str, runs: Iterator[Comparison]) -> Iterator[Comparison]:
    """The runs, each said when it is over: what was measured outlives an interruption."""
    for run in runs:
        console.print(f"{name}, {run.samples:,} a side: t {run.t:.2f}")
        yield run


def main(arguments: list[str]) -> int:
    """`--samples N`: a side and run, 20,000 unless given; at full cost 300 at most.
    `--only WORD`: the figures whose name holds it."""
    samples = int(_option(arguments, "--samples", str(SAMPLES)))
    only = _option(arguments, "--only", "")
    console, rows = Console(), []
    table = Table("answer", "samples a side", "known µs", "unknown µs", "t of the runs", "holds")
    for name, (sides, cheap) in FIGURES.items():
        if only not in name:
            continue
        with console.status(f"Measuring {name}"):
            count = samples if cheap else min(samples, AT_FULL_COST)
            runs = list(_told(console, name, _decided(_measure(sides, cheap, count))))
        holds = sum(run.t < BOUND for run in runs) >= 2
        found = {
            "known_us": [round(r.known, 1) for r in runs],
            "unknown_us": [round(r.unknown, 1) for r in runs],
            "t": [round(r.t, 2) for r in runs],
        }
        rows.append({"name": name, "samples": count, **found, "holds": holds})
        figures = (" ".join(map(str, each)) for each in found.values())
        table.add_row(name, str(count), *figures, "yes" if holds else "NO")
    console.print(table)
    cost = f"m={CHEAP.memory_cost} KiB, t={CHEAP.time_cost}"
    console.print(f"Passwords were hashed at a reduced cost ({cost}) except where it says full.")
    console.print(f"Holds: |t| < {BOUND} in two runs of three.")
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    return 0 if all(row["holds"] for row in rows) else 1


def _option(arguments: list[str], name: str, otherwise: str) -> str:
    if name not in arguments:
        return otherwise
    at = arguments.index(name) + 1
    if at >= len(arguments):
        sys.stderr.write(f"{name} needs a value\n")
        raise SystemExit(2)
    return arguments[at]
