"""A grant with a workload under it, a service that honors it, and another that does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.desk.tables import issuances
from portal.extensions import db
from tests import builders
from tests.conftest import make_app, make_settings
from tests.signing import Machine


@dataclass(slots=True)
class World:
    app: Flask
    people: builders.Staff
    org: builders.Org
    grant: str
    workload: Machine
    service: Machine
    other: Machine

    def issued(self) -> int:
        """How many issuances are on record."""
        with db.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(issuances)).scalar_one())

    def active(self, token: str) -> bool:
        answer = self.service.introspect(self.app, token)
        assert answer.status_code == 200
        if not answer.json["active"]:
            assert answer.json == {"active": False}
        return bool(answer.json["active"])


def make_world(app: Flask) -> World:
    people, org = builders.staff(), builders.organization()
    grant = builders.grant(org, people)
    return World(
        app,
        people,
        org,
        grant,
        Machine(*builders.credential(org, grant)),
        Machine(*builders.service(people)),
        Machine(*builders.service(people, "https://other.example")),
    )


@pytest.fixture
def world(app: Flask) -> World:
    """A world of the test's own, on SQLite."""
    return make_world(app)


@pytest.fixture
def either_world(either_app: Flask) -> World:
    """A world of the test's own, on SQLite, then on PostgreSQL."""
    return make_world(either_app)


@pytest.fixture
def postgres_world(postgres_app: Flask) -> World:
    return make_world(postgres_app)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for the whole module, for tests that leave it as it stands."""
    app = make_app(make_settings(tmp_path_factory.mktemp("still")))
    with app.app_context():
        yield make_world(app)
        db.session.remove()
        db.engine.dispose()
