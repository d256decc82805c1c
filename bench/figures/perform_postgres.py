"""One `perform` on PostgreSQL, against one inserted row and its commit by the driver."""

from __future__ import annotations

import itertools
import secrets
import tempfile
from pathlib import Path

import psycopg

from bench.timing import ratio
from portal.ledger import perform
from tests import builders
from tests.conftest import answers, make_app, make_settings
from workflows.organization.commands.claim_domain import ClaimDomain

NAME = "perform on PostgreSQL"
YARDSTICK = "raw insert of one event's row and commit by psycopg"
AIM = 6.0
_SERVER = "host=127.0.0.1 user=postgres"


def measure() -> float | None:
    """None when no PostgreSQL answers at 127.0.0.1:5432."""
    if not answers(5432):
        return None
    name = f"portal_bench_{secrets.token_hex(4)}"
    with psycopg.connect(f"{_SERVER} dbname=postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            return _measure(name)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _measure(name: str) -> float:
    url = f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}"
    number = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(make_settings(Path(folder), database_url=url))
        with app.app_context(), psycopg.connect(f"{_SERVER} dbname={name}") as raw:
            raw.execute("CREATE TABLE yardstick AS SELECT * FROM events WHERE false")
            raw.commit()
            insert = "INSERT INTO yardstick VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"

            def row() -> None:
                n = next(number)
                raw.execute(insert, (f"org_{n}", 1, "organization", "DomainClaimed", 1, "z" * 27,
                                     "acc_x", "x" * 180, "0" * 64, "0" * 64))  # fmt: skip
                raw.commit()

            def one() -> None:
                org = orgs[next(turn) % len(orgs)]
                perform(ClaimDomain(org.id, org.domain, "t" * 32, "2026-12-01T00:00:00.000000Z"),
                        org.owner)  # fmt: skip

            orgs = [builders.organization(f"O{i}", f"o{i}.example") for i in range(40)]
            turn = itertools.count()
            return ratio(one, row, samples=15, each=20)
