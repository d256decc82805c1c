"""`portal demo` as a process: the loop walked, twice beside each other, stopped, and gone on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from portal.demo.walk import STEPS
from portal.extensions import db
from portal.settings import SettingsInvalid, load
from tests.conftest import make_app, make_settings


def portal(*arguments: str) -> subprocess.Popen[str]:
    """A `portal` process in a session of its own, without settings of this shell."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    return subprocess.Popen(
        [sys.executable, "-m", "portal", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean,
        start_new_session=True,
        # Tests that run behind a shell inherit its deafness to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )  # fmt: skip


def steps(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def both() -> list[tuple[int, str, str]]:
    """Two walks at the same time: status, output and errors of each."""
    running = [portal("demo", "--once", "--json") for _ in range(2)]
    return [(p.returncode, *said) for p in running for said in [p.communicate(timeout=120)]]


@pytest.mark.slow
def test_once_tells_each_step_as_an_object_a_line(both: list[tuple[int, str, str]]) -> None:
    """The eleven steps in order, each held, each one JSON object on a line of its own, status 0."""
    status, out, _ = both[0]
    told = [json.loads(line) for line in out.splitlines()]
    assert [step["step"] for step in told] == list(STEPS)
    assert len(told) == 11
    assert [step["step"] for step in told if step["ok"] is not True] == []
    assert all(isinstance(step["ms"], int) and step["proof"] for step in told)
    assert status == 0


@pytest.mark.slow
def test_two_demos_do_not_disturb_each_other(both: list[tuple[int, str, str]]) -> None:
    """Started at the same time, both hold, and each had an application of its own."""
    assert [status for status, _, _ in both] == [0, 0]
    applications = [steps(out)[0]["proof"]["application"] for _, out, _ in both]  # type: ignore[index]
    assert len(set(applications)) == 2


def descendants(pid: int) -> set[int]:
    """Every process that comes from this one, by the kernel's own table."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found = re.match(r"(\d+) \(.*\) (\S) (\d+)", stat.read_text(), re.S)
            if found and found[2] != "Z":
                parents[int(found[1])] = int(found[3])
    below = {pid}
    while grown := {child for child, parent in parents.items() if parent in below} - below:
        below |= grown
    return below - {pid}


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def read_until(process: subprocess.Popen[str], folder: Path, mark: str) -> str:
    """What the process said on stderr up to the line that holds `mark`."""
    assert process.stderr
    said = ""
    while mark not in said:
        line = process.stderr.readline()
        log = folder / "demo.log"
        assert line, f"{said}\n{log.read_text()[-2000:] if log.is_file() else ''}"
        said += line
    return said


def interrupt(process: subprocess.Popen[str]) -> tuple[str, float]:
    """Ctrl-C; what it had said on stdout, and how long it took to end with all its children."""
    deadline = time.monotonic() + 10  # a process that is being replaced is looked at again
    while len(children := descendants(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(children) >= 3  # web, worker, service
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    took = time.monotonic() - begun
    assert [pid for pid in children if alive(pid)] == []
    assert process.returncode == 0
    return out, took


@pytest.mark.slow
def test_it_stops_whole_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """Ctrl-C ends every process within 15 s; the second start walks no second time."""
    folder = tmp_path / "demo"
    started: list[subprocess.Popen[str]] = []
    try:
        begin = ("demo", "--folder", str(folder), "--port", "0", "--json")
        started.append(portal(*begin))
        read_until(started[0], folder, "Ctrl-C stops all of it")
        out, took = interrupt(started[0])
        assert [step["step"] for step in steps(out)] == list(STEPS)
        assert took < 15

        started.append(portal(*begin))
        said = read_until(started[1], folder, "Ctrl-C stops all of it")
        assert "Going on where it was" in said
        base = re.search(r"http://localhost:\d+", said)
        assert base
        assert "Harbor CERT" in _as_owner(base[0])
        out, took = interrupt(started[1])
        assert steps(out) == []
        assert took < 15
    finally:
        for process in started:
            _end(process)


def _as_owner(base: str) -> str:
    """The home page of the organization's owner, who was signed up before the first stop."""
    with requests.Session() as session:
        page = session.get(f"{base}/dev/sign-in/owner", timeout=10)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        fields = {"csrf_token": token[1], "by": "passkey"}
        session.post(f"{base}/dev/sign-in/owner", data=fields, timeout=10)
        return session.get(f"{base}/defender", timeout=10).text


def _end(process: subprocess.Popen[str]) -> None:
    """Whatever a failed test left running of its own."""
    if process.poll() is None:
        for pid in [*descendants(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=10)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A folder that the demo did not make is left as it is: status 2, and what would be right."""
    (tmp_path / "precious.txt").write_text("mine")
    process = portal("demo", "--folder", str(tmp_path), "--port", "0", "--fresh")
    out, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"{tmp_path} was not made by the demo" in said
    assert "--folder" in said
    assert "Traceback" not in out + said
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize(
    "path", ["/dev/", "/dev/mail", "/dev/mail.json", "/dev/dns", "/dev/sign-in/owner"]
)
def test_an_earnest_portal_has_no_demo_pages(tmp_path: Path, path: str) -> None:
    """Outside demo mode the pages that read mail and sign in as anybody do not exist."""
    app = make_app(make_settings(tmp_path))
    try:
        client = app.test_client()
        assert client.get(path).status_code == 404
        app.config["WTF_CSRF_ENABLED"] = False
        assert client.post(path).status_code == 404
        assert not any(rule.endpoint.startswith("dev.") for rule in app.url_map.iter_rules())
    finally:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("listen", ["0.0.0.0:8000", "[::]:8000", "192.0.2.7:8000", "localhost:80"])
def test_demo_mode_listens_on_loopback_alone(tmp_path: Path, listen: str) -> None:
    """A demo that others could reach is refused by the settings, with what would be right."""
    with pytest.raises(ValidationError, match=r"demo mode listens on 127\.0\.0\.1 only"):
        make_settings(tmp_path, demo=True, listen=listen)
    make_settings(tmp_path, listen=listen)
    make_settings(tmp_path, demo=True, listen="127.0.0.1:9000")


def test_a_settings_file_cannot_open_the_demo_either(tmp_path: Path) -> None:
    """The same is refused in words when the settings come from `portal.env` in the folder."""
    (tmp_path / "portal.env").write_text("PORTAL_DEMO=true\nPORTAL_LISTEN=0.0.0.0:8000\n")
    with pytest.raises(SettingsInvalid, match=r"demo mode listens on 127\.0\.0\.1 only"):
        load(tmp_path)
