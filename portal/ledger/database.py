"""How the ledger's connection begins: one way to read, one to write, on both databases."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError

from portal.extensions import db

_IDLE_SECONDS = 30


def prepare(engine: Engine) -> None:
    """Give SQLite the manners that the ledger needs, and PostgreSQL a look before each use."""
    if engine.dialect.name != "sqlite":
        _look_before_use(engine)
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


def _look_before_use(engine: Engine) -> None:
    """Replace a connection whose server went away, without asking the server each time.

    A server that ended says so on the socket, and an idle connection has nothing else to say; a
    network that swallowed it says nothing, so whoever was idle for long is asked.
    """

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: Any) -> None:
        idle = time.monotonic() - record.info.get("idle_since", time.monotonic())
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if idle < _IDLE_SECONDS and not poll.poll(0):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError("the database server went away") from gone


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


def insert_once(
    connection: Connection, table: Table, key: str | tuple[str, ...], /, **values: object
) -> bool:
    """Insert a row unless one with the same `key` columns stands there; whether it was inserted.

    One statement decides, so that of several at once exactly one is told True.
    """
    dialect = sqlite if is_sqlite(connection) else postgresql
    columns = [key] if isinstance(key, str) else list(key)
    statement = dialect.insert(table).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=columns)
    # Without the option SQLAlchemy says -1 for an INSERT by psycopg, which is true in an `if`.
    made = connection.execute(statement.execution_options(preserve_rowcount=True))
    return made.rowcount == 1
