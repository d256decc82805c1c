"""How the ledger's connection begins: one way to read, one to write, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite

from portal.extensions import db


def prepare(engine: Engine) -> None:
    """Give SQLite the manners that the ledger needs; PostgreSQL has them."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for IMMEDIATE
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("portal_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing() -> Iterator[Connection]:
    """A transaction that writes; the request's own reading session lets go of its snapshot."""
    db.session.rollback()
    connect = db.engine.connect().execution_options(portal_writes=True)
    with connect as connection, connection.begin():
        yield connection
    db.session.rollback()


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def insert_once(connection: Connection, table: Table, key: str, /, **values: object) -> bool:
    """Insert a row unless one with the same `key` column stands there; whether it was inserted.

    One statement decides, so that of several at once exactly one is told True.
    """
    dialect = sqlite if is_sqlite(connection) else postgresql
    statement = dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=[key])
    # Without the option SQLAlchemy says -1 for an INSERT by psycopg, which is true in an `if`.
    made = connection.execute(statement.execution_options(preserve_rowcount=True))
    return made.rowcount == 1
