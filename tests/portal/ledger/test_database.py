"""Connections to a server that went away are replaced before anybody works with them."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from portal.extensions import db
from portal.ledger.database import writing
from tests import builders
from tests.portal.ledger import history


def test_connections_that_the_server_ended_are_replaced(postgres_app: Flask) -> None:
    """After the server ended every idle connection, the next command is recorded at once."""
    builders.organization()
    engine = db.engine
    with engine.connect() as one, engine.connect() as two:  # leave two in the pool
        one.execute(text("SELECT 1"))
        two.execute(text("SELECT 1"))
    before = history.written()["organizations"]
    db.session.rollback()
    with writing() as connection:
        ended = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar()
    assert ended
    for _ in range(3):
        builders.organization()
    assert history.written()["organizations"] == before + 3
