"""The database's schema: migrated forward by Alembic, compared with what the code expects."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from portal import assets
from portal.extensions import db
from portal.ledger.database import writing


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(assets.folder("migrations")))
    config.attributes["connection"] = connection
    return config


def upgrade(to: str = "head") -> None:
    """Bring the database to a revision; nothing is lost, a second run does nothing."""
    with writing() as connection:
        command.upgrade(_config(connection), to)


def revision(message: str) -> None:
    """Write a new migration from the difference between the code and the database."""
    with db.engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def current() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences() -> list[object]:
    """What a migration is missing; empty when code and database agree."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, db.metadata))
