"""What tests of pages share."""

from __future__ import annotations

import pytest
from flask import Flask


@pytest.fixture
def web(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False  # the pages' journey keeps it on
    return app
