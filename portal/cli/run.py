"""`portal serve` and `portal worker`."""

from __future__ import annotations

import threading

import click

from portal import worker as worker_roof
from portal.app import create_app
from portal.cli.main import require_schema, settings


@click.command()
@click.option("--workers", default=1, show_default=True, help="Web processes; 1 for SQLite.")
@click.option("--threads", default=4, show_default=True, help="Threads of each process.")
def serve(workers: int, threads: int) -> None:
    """Serve the portal over HTTP (granian)."""
    import os

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    found = settings()
    with create_app(found).app_context():  # refuse to start in words rather than in each worker
        require_schema()
    host, _, port = found.listen.rpartition(":")
    os.environ["PORTAL_DATA_DIR"] = str(found.data_dir)
    Granian(
        "portal.wsgi:make",
        factory=True,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_enabled=True,
        log_level=LogLevels.warning,
    ).serve()


@click.command()
@click.option("--concurrency", default=4, show_default=True, help="Jobs at a time.")
def worker(concurrency: int) -> None:
    """Work jobs: checks, mail, deadlines; with the clock, the sweeper and the sequencer."""
    found = settings()
    app = create_app(found)
    with app.app_context():
        require_schema()
    celery = worker_roof.make_worker(app)
    stop = threading.Event()
    threads = worker_roof.sweep_forever(app, stop)
    try:
        celery.worker_main(
            [
                "worker", "-P", "threads", "-c", str(concurrency), "-B", "-l", "WARNING",
                "--without-gossip", "--without-mingle", "--without-heartbeat",
                "-s", str(found.data_dir / "beat.schedule"),
            ]
        )  # fmt: skip
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


COMMANDS = (serve, worker)
