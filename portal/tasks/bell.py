"""The broker's bell: Celery carries a job's id, and the clock's hourly stroke."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress

from celery import Celery

from portal import logs
from portal.settings import Settings

RUN, HOURLY = "portal.run", "portal.hourly"
QUIET_SECONDS = 30.0
_log = logs.get("bell")


def make_celery(settings: Settings) -> Celery:
    """A Celery app for the broker of the settings: embedded, Redis, or RabbitMQ."""
    celery = Celery("portal", broker=settings.broker_url)
    celery.conf.update(
        task_ignore_result=True,
        task_default_queue="portal",
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        enable_utc=True,
        timezone="UTC",
        beat_schedule={"hourly": {"task": HOURLY, "schedule": 3600.0}},
    )
    if settings.broker_url.startswith("sqla+"):
        from kombu.transport.sqlalchemy import Transport

        Transport.polling_interval = 0.2  # as an option it is refused
    if settings.broker_url.startswith("amqp"):
        celery.conf.task_queue_type = "quorum"
        celery.conf.broker_native_delayed_delivery_queue_type = "quorum"
        celery.conf.worker_detect_quorum_queues = True
    return celery


class Bell:
    """Rings from a thread of its own, so that nobody waits for a broker.

    A broker that does not answer is left alone for a while; what was to be rung meanwhile is
    dropped, and the worker's sweeper finds those jobs in the database by itself.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._waiting: queue.Queue[str] = queue.Queue(maxsize=1000)
        self._quiet_until = 0.0
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self, job_id: str) -> None:
        if time.monotonic() < self._quiet_until:
            return
        with suppress(queue.Full):
            self._waiting.put_nowait(job_id)
        with self._start:  # at the first ring: a thread does not survive a server's fork
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._ring, name="bell", daemon=True)
                self._thread.start()

    def _ring(self) -> None:
        while True:
            job_id = self._waiting.get()
            if time.monotonic() < self._quiet_until:
                continue
            try:
                self._celery.send_task(RUN, args=[job_id], retry=False, ignore_result=True)
            except Exception as silent:
                self._quiet_until = time.monotonic() + QUIET_SECONDS
                _log.warning("the broker did not answer", job=job_id, error=type(silent).__name__)
