"""The entry point for WSGI servers: an app bound to `PORTAL_DATA_DIR`, with the broker's bell."""

from __future__ import annotations

from flask import Flask

from portal import settings
from portal.app import create_app
from portal.ledger import outbox
from portal.tasks import bell


def make() -> Flask:
    found = settings.load()
    app = create_app(found)
    outbox.ring[:] = [bell.Bell(bell.make_celery(found))]
    return app
