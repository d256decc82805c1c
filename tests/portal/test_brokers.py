"""The broker is a bell: embedded, Redis or RabbitMQ, and work goes on when none answers."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.extensions import db
from portal.ledger import outbox
from portal.ledger.tables import jobs
from portal.tasks import bell, run
from tests import builders
from tests.conftest import answers, make_app, make_settings, need

pytestmark = [
    pytest.mark.slow,
    # Celery and its transports leave sockets to the garbage collector when a worker ends.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
BROKERS = {
    "embedded": ("", 0),
    "redis": ("redis://127.0.0.1:6379/13", 6379),
    "rabbitmq": ("amqp://guest:guest@127.0.0.1:5672//", 5672),
}


# A worker of tasks alone: no sweeper that would find the work by itself.
_LISTENER = """
import sys
from portal import settings, worker
from portal.app import create_app
celery = worker.make_worker(create_app(settings.load(sys.argv[1])))
celery.conf.task_default_queue = sys.argv[2]
celery.worker_main(["worker", "-P", "threads", "-c", "2", "-l", "ERROR", "--without-gossip",
                    "--without-mingle", "--without-heartbeat"])
"""


def _undone(app: Flask) -> list[str]:
    with app.app_context(), db.engine.connect() as connection:
        query = select(jobs.c.kind).where(jobs.c.done_at == "", jobs.c.kind == "make_check")
        return list(connection.execute(query).scalars())


def _submit(app: Flask) -> None:
    with app.app_context():
        builders.submit(builders.organization())


@pytest.mark.brokers
@pytest.mark.parametrize("name", sorted(BROKERS))
def test_the_bell_is_heard(name: str, tmp_path: Path) -> None:
    """A submission rings the broker, and a worker that only listens to it makes the checks."""
    url, port = BROKERS[name]
    need(f"{name} at 127.0.0.1:{port}", not port or answers(port))
    app = make_app(make_settings(tmp_path, broker_url=url, dns_nameservers=["127.0.0.1:9"],
                                 dns_timeout_seconds=0.2))  # fmt: skip
    queue = f"portal-test-{secrets.token_hex(4)}"
    celery = bell.make_celery(app.extensions["portal"].settings)
    celery.conf.task_default_queue = queue
    (tmp_path / "portal.env").write_text(
        f'PORTAL_BROKER_URL={url}\nPORTAL_DNS_NAMESERVERS=["127.0.0.1:9"]\n'
        "PORTAL_DNS_TIMEOUT_SECONDS=0.2\n"
    )
    process = subprocess.Popen([sys.executable, "-c", _LISTENER, str(tmp_path), queue])
    outbox.ring[:] = [bell.Bell(celery)]
    try:
        _submit(app)
        end = time.monotonic() + 30
        while _undone(app) and time.monotonic() < end:
            time.sleep(0.1)
        assert _undone(app) == []
    finally:
        outbox.ring.clear()
        process.terminate()
        process.wait(20)
        with celery.connection() as connection:
            connection.default_channel.queue_delete(queue)


def test_a_broker_that_is_away_loses_nothing(tmp_path: Path) -> None:
    """With nobody at the broker's address a submission is accepted, and the sweeper works it."""
    away = "redis://127.0.0.1:1/0"
    app = make_app(make_settings(tmp_path, broker_url=away, dns_nameservers=["127.0.0.1:9"],
                                 dns_timeout_seconds=0.2))  # fmt: skip
    outbox.ring[:] = [bell.Bell(bell.make_celery(app.extensions["portal"].settings))]
    try:
        begun = time.monotonic()
        _submit(app)
        assert time.monotonic() - begun < 3  # nobody waits for a bell
        assert len(_undone(app)) == 3
        with app.app_context():
            run.run_due()
        assert _undone(app) == []
    finally:
        outbox.ring.clear()
