"""The roof of the worker: a Celery app over the broker's bell, and what sweeps without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from celery import Celery
from flask import Flask

from portal import logs
from portal.ledger import outbox, sequencer
from portal.tasks import bell, clockwork, run

SWEEP_SECONDS = 0.5
SWEEPING_HANDS = 4
SEQUENCE_SECONDS = 0.2
_log = logs.get("worker")


def make_worker(app: Flask) -> Celery:
    """The Celery app whose tasks work jobs inside the portal's app context."""
    celery = bell.make_celery(app.extensions["portal"].settings)

    @celery.task(name=bell.RUN)
    def run_job(job_id: str) -> None:
        with app.app_context():
            run.run(job_id)

    @celery.task(name=bell.HOURLY)
    def hourly() -> None:
        with app.app_context():
            clockwork.hourly()

    return celery


def sweep_forever(app: Flask, stop: threading.Event) -> list[threading.Thread]:
    """Threads that need no broker: due jobs from the database, and the ledger's positions."""
    hands = ThreadPoolExecutor(SWEEPING_HANDS, thread_name_prefix="sweeping")
    return [
        _repeat(app, "sweeper", _sweep(app, hands), SWEEP_SECONDS, stop),
        _repeat(app, "sequencer", sequencer.place_all, SEQUENCE_SECONDS, stop),
    ]


def _sweep(app: Flask, hands: ThreadPoolExecutor) -> Callable[[], None]:
    """Give due jobs to free hands: one slow look-up must not hold the others back."""
    busy: set[Future[None]] = set()

    def work(job_id: str) -> None:
        with app.app_context():
            run.run(job_id)

    def sweep() -> None:
        busy.difference_update({f for f in busy if f.done()})
        free = SWEEPING_HANDS - len(busy)
        for job_id in outbox.due(free) if free else ():
            busy.add(hands.submit(work, job_id))

    return sweep


def _repeat(
    app: Flask, name: str, work: Callable[[], Any], pause: float, stop: threading.Event
) -> threading.Thread:
    def loop() -> None:
        while not stop.is_set():
            try:
                with app.app_context():
                    work()
            except Exception as failed:  # the database may be away; it is asked again
                _log.error("round failed", source=name, error=type(failed).__name__)
                stop.wait(1.0)
            stop.wait(pause)

    thread = threading.Thread(target=loop, name=name, daemon=True)
    thread.start()
    return thread
