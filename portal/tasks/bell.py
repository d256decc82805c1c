"""The broker's bell: Celery carries a job's id, and the clock's hourly stroke."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from portal import logs
from portal.settings import Settings

RUN, HOURLY = "portal.run", "portal.hourly"
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
    if settings.broker_url.startswith("redis"):
        # A request never waits long for a bell.
        quick = {"socket_timeout": 2, "socket_connect_timeout": 2}
        celery.conf.broker_transport_options = quick
    if settings.broker_url.startswith("amqp"):
        celery.conf.task_queue_type = "quorum"
        celery.conf.broker_native_delayed_delivery_queue_type = "quorum"
        celery.conf.worker_detect_quorum_queues = True
    return celery


def rings(celery: Celery) -> Callable[[str], None]:
    """A bell for `outbox.ring`; when the broker is away, the sweeper finds the job instead."""

    def ring(job_id: str) -> None:
        try:
            celery.send_task(RUN, args=[job_id], retry=False, ignore_result=True)
        except Exception as silent:
            _log.warning("the broker did not answer", job=job_id, error=type(silent).__name__)

    return ring
