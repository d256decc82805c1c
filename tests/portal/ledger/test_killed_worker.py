"""A real worker, killed with signal 9 in the middle of a check."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Row, select, update

from portal.extensions import db
from portal.installation import installation
from portal.ledger import verify
from portal.ledger.database import writing
from portal.ledger.tables import jobs
from tests import builders
from tests.portal.ledger import history

ROOT = Path(__file__).parents[3]


@contextmanager
def silent_dns() -> Iterator[tuple[str, socket.socket]]:
    """A name server that takes every question and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        yield f"127.0.0.1:{server.getsockname()[1]}", server


@contextmanager
def worker(dns: str, timeout: float) -> Iterator[subprocess.Popen[bytes]]:
    """`portal worker` on the test's installation, in a process group of its own."""
    environment = {
        **os.environ,
        "PORTAL_DATA_DIR": str(installation().settings.data_dir),
        "PORTAL_DNS_NAMESERVERS": f'["{dns}"]',
        "PORTAL_DNS_TIMEOUT_SECONDS": str(timeout),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from portal.cli import main; main()", "worker"],
        cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _check(application: str) -> Row[object]:
    key = f"check:{application}:domain_control:1"
    with db.engine.connect() as connection:
        return connection.execute(select(jobs).where(jobs.c.key == key)).one()


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_check_whose_worker_was_killed_is_recorded_once(app: Flask) -> None:
    """kill -9 while the name server is being waited for: the next worker records the check once."""
    org = builders.organization()
    application = builders.submit(org)
    with silent_dns() as (address, server):
        with worker(address, timeout=30) as process:
            server.recv(4096)  # the question came: the check is being made at this moment
            os.kill(process.pid, signal.SIGKILL)
        held = _check(application)
        assert (held.done_at, held.attempts) == ("", 1)
        assert held.lease_until
        with writing() as connection:  # a minute later, without the minute
            ended = update(jobs).where(jobs.c.done_at == "")
            connection.execute(ended.values(lease_until="2026-01-01T00:00:00.000000Z"))
        with worker(address, timeout=0.5):
            _until(lambda: bool(_check(application).done_at))
            _until(lambda: history.entries(application).count("CheckRecorded") == 3)
            _until(lambda: history.written()["unplaced"] == 0)
    assert _check(application).attempts == 2
    assert history.entries(application).count("CheckRecorded") == 3
    verdict = verify.verify()
    assert verdict.ok, verdict.bad
    assert verdict.placed == verdict.entries
