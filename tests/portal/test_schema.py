"""Migrations: from nothing to what the code expects, and forward without losing a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, String, Table, inspect

from portal import founding, schema
from portal.app import create_app
from portal.desk.tables import sessions
from portal.extensions import db
from portal.ledger import projection, verify
from portal.ledger.database import writing
from portal.ledger.tables import events, positions
from tests.conftest import make_settings
from tests.portal.ledger import history
from workflows.actors import Strength


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """An installation whose database has no table yet."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    settings = make_settings(tmp_path, database_url=url)
    founding.make_folder(settings)
    return create_app(settings)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_migrations_make_exactly_the_codes_tables(empty_app: Flask) -> None:
    """On an empty database the migrations end in every table and index of the code, and no more."""
    with empty_app.app_context():
        assert _tables() == set()
        assert schema.current() is None
        assert schema.differences()
        schema.upgrade()
        assert schema.differences() == []
        assert schema.current() == schema.newest() is not None
        assert _tables() == {*db.metadata.tables, "alembic_version"}
        db.engine.dispose()


def test_a_second_upgrade_does_nothing(empty_app: Flask) -> None:
    """Upgrading what is upgraded changes neither the revision nor a table."""
    with empty_app.app_context():
        schema.upgrade()
        revision, tables = schema.current(), _tables()
        schema.upgrade()
        assert (schema.current(), _tables()) == (revision, tables)
        db.engine.dispose()


def test_a_table_that_no_migration_makes_is_told_of(app: Flask) -> None:
    """The comparison sees a table that the code expects and a column that nobody expects."""
    extra = Table("not_migrated", db.metadata, Column("id", String(40), primary_key=True))
    try:
        assert [d[0] for d in schema.differences()] == ["add_table"]
    finally:
        db.metadata.remove(extra)
    with writing() as connection:
        connection.exec_driver_sql("ALTER TABLE mails ADD COLUMN surprise VARCHAR(3)")
    assert [d[0] for d in schema.differences()] == ["remove_column"]


def test_what_an_older_release_wrote_is_carried_over(empty_app: Flask) -> None:
    """Rows written under the first revision are there under the newest, with what was added."""
    with empty_app.app_context():
        schema.upgrade("0001")
        with writing() as connection:
            for n in range(3):
                connection.exec_driver_sql(
                    "INSERT INTO organizations (id, name_ref, registered_at)"
                    f" VALUES ('org_{n}', 'vlt_{n}', '2026-11-20T00:00:00.000000Z')"
                )
                connection.exec_driver_sql(
                    "INSERT INTO members (org_id, account, role, joined_at)"
                    f" VALUES ('org_{n}', 'acc_{n}', 'owner', '2026-11-20T00:00:00.000000Z')"
                )
        schema.upgrade()
        assert schema.differences() == []
        with db.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT id, name_ref, offered_to, role FROM organizations"
                " JOIN members ON org_id = id ORDER BY id"
            ).all()
        assert rows == [(f"org_{n}", f"vlt_{n}", "", "owner") for n in range(3)]
        db.engine.dispose()


def test_a_sign_in_by_passkey_stays_one(empty_app: Flask) -> None:
    """The values of strength moved: who was signed in with a passkey or by a link still is."""
    with empty_app.app_context():
        schema.upgrade("0003")
        with writing() as connection:
            for strength in (1, 2):
                connection.exec_driver_sql(
                    "INSERT INTO sessions (digest, id, account, device, strength, started_at,"
                    f" seen_at, ends_at) VALUES ('{strength}', '{strength}', 'acc_{strength}', '',"
                    f" {strength}, '', '', '')"
                )
        schema.upgrade()
        found = {row[2]: row[4] for row in history.rows(sessions)["sessions"]}
        assert found == {"acc_1": Strength.LINK, "acc_2": Strength.PASSKEY}
        db.engine.dispose()


def test_a_populated_database_keeps_its_rows(either_app: Flask) -> None:
    """An upgrade of a database that is in use loses nothing, and the chain holds after it."""
    history.rich()
    kept = history.rows(events, positions, *projection.tables())
    before = verify.verify()
    schema.upgrade()
    assert history.rows(events, positions, *projection.tables()) == kept
    assert verify.verify() == before
    assert before.ok
