"""Starts everything that the demo is made of, and stops all of it again."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click
import requests

from portal import founding
from portal import settings as settings_module
from portal.app import create_app
from portal.demo import seed
from portal.demo.cast import FOLDER_MARK, PEOPLE, STAFF
from portal.demo.dns import DnsResponder
from portal.demo.walk import Step, Walk
from portal.evidence import imported
from workflows.actors import operator

SAMPLES = Path(imported.__file__).parent / "samples" / "ofac"
_WALKED = "walked.json"


class DemoRefused(Exception):
    """The demo may not or cannot run here; the message says why and what would be right."""


class Stage:
    """The demo's processes over one data folder.

    Args:
        folder: made by the demo itself, or empty or absent; any other is refused.
        port: of the web server; 0 for a free one.
        fresh: forget what an earlier demo left in the folder.
    """

    def __init__(self, folder: Path, port: int, *, fresh: bool = False) -> None:
        self.folder = folder.absolute()
        self._fresh = fresh
        self.port = port or _free_port()
        self.service_port = _free_port()
        self.base = f"http://localhost:{self.port}"
        self.audience = f"http://localhost:{self.service_port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.dns: DnsResponder | None = None
        self._mark: TextIO | None = None

    def raise_curtain(self) -> None:
        """Data folder, migrations, program, list, staff; then name server, web and worker."""
        self._claim_folder()
        self._claim_port()
        if self._fresh:
            self._empty()
        self.dns = DnsResponder(zone_file=self.folder / "dns.json")
        host, port = self.dns.start()
        self._write_settings(f"{host}:{port}")
        found = settings_module.load(self.folder)
        founding.make_folder(found)
        app = create_app(found)
        with app.app_context():
            founding.found(found)
            imported.import_ofac(SAMPLES, operator("demo"))  # freshness counts from import
            for person in STAFF:
                founding.appoint(person.address, person.name, list(person.roles))
        self.app = app
        self._spawn("portal", "--data", str(self.folder), "serve")
        self._spawn("portal", "--data", str(self.folder), "worker")
        self._wait_for_web()

    def _claim_folder(self) -> None:
        mark = self.folder / FOLDER_MARK
        if self.folder.exists() and any(self.folder.iterdir()) and not mark.is_file():
            raise DemoRefused(
                f"{self.folder} was not made by the demo. Name another with --folder, "
                "or remove it yourself."
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._mark = mark.open("a")
        try:
            fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoRefused(
                f"A demo is running in {self.folder} already. Stop it, or name another folder."
            ) from None

    def _empty(self) -> None:
        """Forget an earlier demo, the mark apart: its lock says that nobody is at work here."""
        for path in self.folder.iterdir():
            if path.name == FOLDER_MARK:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _claim_port(self) -> None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            raise DemoRefused(
                f"Something listens on port {self.port} already. Stop it, or name another with "
                "--port (0 takes any free one)."
            )

    def _write_settings(self, nameserver: str) -> None:
        lines = {
            "PORTAL_DEMO": "true",
            "PORTAL_BASE_URL": self.base,
            "PORTAL_LISTEN": f"127.0.0.1:{self.port}",
            "PORTAL_DNS_NAMESERVERS": json.dumps([nameserver]),
            "PORTAL_PRIVATE_DESTINATIONS": json.dumps(["127.0.0.0/8", "::1/128"]),
        }
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        (self.folder / "portal.env").write_text(text)

    def _spawn(self, module: str, *arguments: str) -> None:
        # Settings of the shell must not reach into the demo's own installation.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
        with (self.folder / "demo.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(  # noqa: S603 - our own module, no shell
                    [sys.executable, "-m", module, *arguments],
                    stdout=log, stderr=log, env=environment, start_new_session=True,
                )
            )  # fmt: skip

    def _wait_for_web(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(requests.RequestException):
                if requests.get(f"{self.base}/healthz", timeout=2).status_code == 200:
                    return
            if any(p.poll() is not None for p in self.processes):
                break
            time.sleep(0.05)
        raise DemoRefused(f"the web server did not start; see {self.folder / 'demo.log'}")

    def start_service(self, client_id: str, key_file: Path) -> None:
        """Start the downstream service, and wait until it listens."""
        self._spawn(
            "portal.demo.downstream",
            self.base, self.audience, str(self.service_port), client_id, str(key_file),
        )  # fmt: skip
        end = time.monotonic() + 15
        while time.monotonic() < end:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.service_port), 1).close()
                return
            time.sleep(0.05)
        raise DemoRefused(f"the downstream service did not start; see {self.folder / 'demo.log'}")

    def walk(self, tell: Callable[[Step], None]) -> bool:
        walk = Walk(self.base, self.audience, self.folder, self.start_service, tell)
        held = walk.run()
        if held:
            (self.folder / _WALKED).write_text(json.dumps({"service": walk.facts["service"][0]}))
        return held

    def walked(self) -> str | None:
        """Client id of the downstream service, if the walk was walked in this folder before."""
        path = self.folder / _WALKED
        return str(json.loads(path.read_text())["service"]) if path.is_file() else None

    def lower_curtain(self) -> None:
        """End every process that was started here, by its id, gently first."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 8
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        if self.dns:
            self.dns.stop()
        if self._mark:
            self._mark.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _teller(as_json: bool) -> Callable[[Step], None]:
    def tell(step: Step) -> None:
        if as_json:
            click.echo(json.dumps(asdict(step)))
            return
        sign = click.style("✓" if step.ok else "✗", fg="green" if step.ok else "red")
        proof = ", ".join(f"{k} {v}" for k, v in step.proof.items())
        click.echo(f"  {sign} {step.step:<13}{step.ms:>6} ms   {proof}")

    return tell


def once(as_json: bool) -> int:
    """Walk in a temporary folder on free ports; 0 when every step held."""
    folder = Path(tempfile.mkdtemp(prefix="trusted-access-demo-"))
    stage = Stage(folder, 0)
    try:
        stage.raise_curtain()
        held = stage.walk(_teller(as_json))
    except DemoRefused as refused:
        log = folder / "demo.log"
        tail = log.read_text()[-2000:] if log.is_file() else ""
        click.echo(f"{refused}\n{tail}", err=True)
        held = False
    finally:
        stage.lower_curtain()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if held else 1


def stay(folder: Path, port: int, fresh: bool, as_json: bool) -> int:
    """Start, walk once (or go on where it was), print who can sign in, and stay up."""
    stage = Stage(folder, port, fresh=fresh)
    interrupted = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: interrupted.set())
    try:
        begun = time.monotonic()
        stage.raise_curtain()
        click.echo(f"Up at {stage.base} after {time.monotonic() - begun:.1f} s.", err=as_json)
        service = stage.walked()
        if service is None:
            click.echo("Walking the loop, over HTTP, as its people would:", err=as_json)
            if not stage.walk(_teller(as_json)):
                click.echo(f"The walk did not hold; see {stage.folder / 'demo.log'}", err=True)
        else:
            stage.start_service(service, stage.folder / "service-key.jwk.json")
            click.echo("Going on where it was; --fresh starts over.", err=as_json)
        with stage.app.app_context():
            seed.seed()
        _invite(stage, as_json)
        while not interrupted.wait(1.0):
            if any(p.poll() is not None for p in stage.processes):
                click.echo(f"A process ended; see {stage.folder / 'demo.log'}", err=True)
                return 1
    except KeyboardInterrupt:
        pass
    finally:
        click.echo("Stopping.", err=as_json)
        stage.lower_curtain()
    return 0


def _invite(stage: Stage, as_json: bool) -> None:
    click.echo(f"\nThe portal: {stage.base}    Mail: {stage.base}/dev/mail", err=as_json)
    for person in PEOPLE:
        click.echo(f"  {person.title:<20} {stage.base}/dev/sign-in/{person.key}", err=as_json)
    click.echo("Ctrl-C stops all of it.", err=as_json)
