"""What tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.portal import provider as providers
from tests.portal import sign_on


@pytest.fixture
def web(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False  # the pages' journey keeps it on
    return app


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    """A portal that may ask a provider on loopback."""
    with sign_on.portal(tmp_path) as app:
        yield app


@pytest.fixture
def provider() -> Iterator[providers.Provider]:
    with providers.standing() as standing:
        yield standing
