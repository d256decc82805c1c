"""Working a job: take its lease, run the file that its kind names, finish or postpone."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from portal import logs
from portal.ledger import outbox

_NOT_KINDS = frozenset({"run", "bell", "clockwork"})
_log = logs.get("jobs")


@cache
def kinds() -> dict[str, Callable[[dict[str, str]], None]]:
    """Job kind -> the `work(payload)` of `portal/tasks/<kind>.py`."""
    package = import_module("portal.tasks")
    return {
        module.name: import_module(f"portal.tasks.{module.name}").work
        for module in pkgutil.iter_modules(package.__path__)
        if module.name not in _NOT_KINDS
    }


def run(job_id: str) -> bool:
    """Work a job if it is due and free; whether it was worked and finished.

    A task may run twice (its worker was killed before it could say so), and changes nothing
    the second time: what it does is a command that the ledger takes once.
    """
    job = outbox.take(job_id)
    if job is None:
        return False
    try:
        kinds()[job.kind](job.payload)
    except Exception as failed:
        _log.warning("job postponed", job=job.id, kind=job.kind, attempts=job.attempts,
                     error=type(failed).__name__, exception=logs.frames(failed))  # fmt: skip
        outbox.postpone(job, type(failed).__name__)
        return False
    outbox.finish(job)
    _log.info("job done", job=job.id, kind=job.kind, attempts=job.attempts)
    return True


def run_due(limit: int = 20) -> int:
    """Work what is due and free, whoever rang or did not; how many were finished."""
    return sum(run(job_id) for job_id in outbox.due(limit))
