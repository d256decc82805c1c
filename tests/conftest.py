"""Installations to test on: fresh folder and database, the embedded default or a real server."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from portal import founding
from portal.app import create_app
from portal.evidence import imported
from portal.evidence.imported import ofac
from portal.extensions import db
from portal.ledger import outbox
from portal.settings import Settings
from workflows.actors import operator

SAMPLES = Path(ofac.__file__).parent / "samples" / "ofac"
POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432"
REQUIRED = os.environ.get("CI") == "true"


def answers(port: int) -> bool:
    """Whether something listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def need(what: str, there: bool) -> None:
    """Skip loudly where a real part is missing; with CI=true it is required."""
    if there:
        return
    if REQUIRED:
        pytest.fail(f"{what} is required here (CI=true) and does not answer")
    pytest.skip(f"{what} does not answer: this test did NOT run")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A database of its own on the real PostgreSQL, dropped afterwards."""
    need("PostgreSQL at 127.0.0.1:5432", answers(5432))
    name = f"portal_test_{secrets.token_hex(6)}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{POSTGRES}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the network for a name: but loopback's, each is one that does not exist."""
    known = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        try:
            ip_address("127.0.0.1" if host in (None, "localhost") else host)
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        return known(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def make_settings(folder: Path, **more: object) -> Settings:
    values: dict[str, object] = {"data_dir": folder, "base_url": "http://localhost:8000"}
    return Settings(**{**values, **more})


def make_app(settings: Settings) -> Flask:
    """A founded installation: migrated, with the issuer's key, the program and the list."""
    founding.make_folder(settings)
    app = create_app(settings)
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        founding.found(settings)
        imported.import_ofac(SAMPLES, operator("tests"))
    return app


def _running(app: Flask) -> Iterator[Flask]:
    outbox.ring.clear()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The embedded default."""
    yield from _running(make_app(make_settings(tmp_path)))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The embedded default, then the same on PostgreSQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    yield from _running(make_app(make_settings(tmp_path, database_url=url)))


@pytest.fixture
def postgres_app(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:
    yield from _running(make_app(make_settings(tmp_path, database_url=postgres_url)))
