"""Whatever goes wrong is said in words: pages and problem+json, and commands with status 2."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal import founding, logs
from portal.cli.main import main
from portal.desk import sessions
from portal.extensions import db
from portal.guard import ACCESS, PUBLIC, Access
from portal.ledger import outbox
from portal.ledger.database import writing
from tests import builders
from tests.conftest import SAMPLES, make_app, make_settings
from workflows.actors import Strength

ADDRESS = "olena.hart@harborcert.example"
JSON = {"Accept": "application/json"}


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Flask]:
    """A founded portal; no context is pushed, so that each request stands for itself."""
    outbox.ring.clear()
    app = make_app(make_settings(tmp_path))
    capsys.readouterr()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def olena(site: Flask) -> FlaskClient:
    """The browser of a person without a role, signed in by a mailed link."""
    with site.app_context():
        token = sessions.start(builders.person("Olena Hart", ADDRESS).id, Strength.LINK)
    client = site.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client


def csrf_token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


# ------------------------------------------------------------------ pages


def test_what_is_not_there_is_a_page(site: Flask) -> None:
    """An unknown address answers 404 with a heading, a way on, and the site's own frame."""
    answer = site.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "<h1>There is nothing here</h1>" in answer.text
    assert "Go to the start" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "require-trusted-types-for" in answer.headers["Content-Security-Policy"]


def test_machines_get_problem_json(site: Flask) -> None:
    """The same refusal for a client that asks for JSON is RFC 9457's problem+json."""
    answer = site.test_client().get("/nowhere", headers=JSON)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = json.loads(answer.data)
    assert body["status"] == 404
    assert body["title"] == "There is nothing here"
    assert body["code"] == "not_found"
    assert body["type"] == "about:blank"


def test_a_closed_door_says_so(site: Flask, olena: FlaskClient) -> None:
    """Without the role, staff pages answer 403 with words; a case of others' is a plain 404."""
    answer = olena.get("/staff/queue")
    assert answer.status_code == 403
    assert "<h1>This is not open to you</h1>" in answer.text
    assert "Your role does not open this page." in answer.text
    said = olena.get("/staff/queue", headers=JSON)
    assert (said.status_code, json.loads(said.data)["code"]) == (403, "not_allowed")
    assert said.headers["Content-Type"] == "application/problem+json"
    with site.app_context():
        other = builders.organization().id
    unseen, absent = (olena.get(f"/organizations/{o}") for o in (other, "org_" + "0" * 32))
    assert (unseen.status_code, absent.status_code) == (404, 404)
    plain = [re.sub(r"org_\w+", "", page.text) for page in (unseen, absent)]
    assert plain[0] == plain[1]


def test_a_weak_sign_in_is_told_what_to_do(site: Flask) -> None:
    """Staff who signed in by mail are told that a passkey is needed, with the way to it."""
    with site.app_context():
        ravi = builders.person("Ravi Menon", roles=("reviewer",))
        token = sessions.start(ravi.id, Strength.LINK)
    client = site.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    answer = client.get("/staff/queue")
    assert answer.status_code == 403
    assert "<h1>Sign in with your passkey</h1>" in answer.text
    assert 'href="/sign-in"' in answer.text


def test_a_form_without_its_token_does_nothing(site: Flask, olena: FlaskClient) -> None:
    """A POST that another site could have made is refused with 400 and words; nothing is made."""
    answer = olena.post("/organizations/new", data={"name": "Harbor CERT"})
    assert answer.status_code == 400
    assert "<h1>The request could not be read</h1>" in answer.text
    assert "CSRF token is missing" in answer.text
    assert "Harbor CERT" not in olena.get("/defender").text
    token = csrf_token(olena, "/organizations/new")
    made = olena.post("/organizations/new", data={"name": "Harbor CERT", "csrf_token": token})
    assert made.status_code == 302


class Unread:
    """A body that nobody may read."""

    def read(self, *_: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("size", [512 * 1024 + 1, 200 * 1024 * 1024])
def test_too_large_a_form_is_refused_unread(site: Flask, size: int) -> None:
    """What announces more than a form may hold is refused before a byte of it is read."""
    builder = EnvironBuilder(
        path="/sign-in", method="POST", content_type="application/x-www-form-urlencoded"
    )
    environ = builder.get_environ() | {"wsgi.input": Unread(), "CONTENT_LENGTH": str(size)}
    body, said, _ = run_wsgi_app(site.wsgi_app, environ)
    assert said.startswith("413 ")
    assert "<h1>That is too large</h1>" in b"".join(body).decode()


# ------------------------------------------------------------------ the unexpected


@pytest.fixture
def broken(site: Flask, olena: FlaskClient) -> Iterator[FlaskClient]:
    """A page that fails while it handles what a person typed."""

    def fail() -> str:
        typed = request.form["email"]
        return str({}[len(typed)])

    site.add_url_rule("/broken", "public.broken", fail, methods=["POST"])
    ACCESS["public.broken"] = Access(frozenset({PUBLIC}), Strength.NONE)
    site.config["WTF_CSRF_ENABLED"] = False
    yield olena
    del ACCESS["public.broken"]


def test_the_unexpected_is_a_page_and_one_log_line(
    broken: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page names a reference and shows no trace; one log line has both, and nobody's data."""
    logs.configure()  # to the stderr of this test's own body
    answer = broken.post(
        "/broken?about=Olena",
        data={"email": ADDRESS},
        environ_base={"REMOTE_ADDR": "192.0.2.77", "HTTP_USER_AGENT": "Olenas-Browser/1.0"},
    )
    assert answer.status_code == 500
    assert "<h1>Something broke on our side</h1>" in answer.text
    found = re.search(r"reference <code>([0-9a-f]{12})</code>", answer.text)
    assert found
    for leak in ("Traceback", "KeyError", "/broken", ".py"):
        assert leak not in answer.text.split("<main", 1)[1]
    said = capsys.readouterr()
    assert said.out == ""
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert [line["event"] for line in lines] == ["unexpected"]
    assert lines[0]["reference"] == found[1]
    assert lines[0]["endpoint"] == "public.broken"
    assert "KeyError" in lines[0]["exception"]
    assert "in fail" in lines[0]["exception"]
    for personal in (ADDRESS, "Olena", "192.0.2.77"):
        assert personal not in said.err


def test_the_unexpected_for_machines(broken: FlaskClient) -> None:
    """As problem+json it is as silent on the cause, and names a reference too."""
    logs.configure()
    answer = broken.post("/broken", data={"email": ADDRESS}, headers=JSON)
    body: dict[str, Any] = json.loads(answer.data)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["code"]) == (500, "unexpected")
    assert re.fullmatch("[0-9a-f]{12}", body["reference"])
    assert "KeyError" not in answer.text


# ------------------------------------------------------------------ commands


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a founded installation, with no setting of this shell."""
    for name in [n for n in os.environ if n.startswith("PORTAL_")]:
        monkeypatch.delenv(name)
    app = make_app(make_settings(tmp_path / "data"))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return tmp_path / "data"


def command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(folder), *arguments])


def stopped(result: Result, *words: str) -> None:
    """Status 2; every one of the words on stderr; no trace and no other exception."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_setting_stops_with_words(folder: Path) -> None:
    """As a real process: status 2, each wrong setting by name, what is wrong, and no trace."""
    (folder / "portal.env").write_text("PORTAL_UPLOAD_MAX_BYTES=12\nPORTAL_PROXIES=many\n")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "portal", "--data", str(folder), "doctor"],
        capture_output=True, text=True, env=clean, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "A setting is wrong:" in done.stderr
    assert re.search(r"PORTAL_UPLOAD_MAX_BYTES: .*greater than or equal to 1024", done.stderr)
    assert re.search(r"PORTAL_PROXIES: .*valid integer", done.stderr)
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_address_names_the_right_kind(folder: Path) -> None:
    """A base URL without TLS for others than this machine: status 2, and what would be right."""
    (folder / "portal.env").write_text("PORTAL_BASE_URL=http://portal.example\n")
    stopped(command(folder, "doctor"), "base_url: write an https URL")


@pytest.mark.parametrize("name", ["vault.key", "session.key"])
def test_a_missing_key_stops_with_words(folder: Path, name: str) -> None:
    """Without a key nothing starts, and the words name the file and the command that mends it."""
    (folder / "keys" / name).unlink()
    stopped(command(folder, "doctor"), str(folder / "keys" / name), "missing", "portal init")


def test_a_key_of_the_wrong_shape_stops_with_words(folder: Path) -> None:
    """A vault key that is none is refused with the shape that would be right."""
    (folder / "keys" / "vault.key").write_text("short")
    stopped(command(folder, "doctor"), "not a vault key; 32 bytes in base64url would be right")


@pytest.mark.parametrize("arguments", [("program", "list"), ("lists", "show"), ("serve",)])
def test_a_newer_database_is_left_alone(folder: Path, arguments: tuple[str, ...]) -> None:
    """A database of a revision that this portal does not know stops it, with both revisions."""
    app = make_app(make_settings(folder))
    with app.app_context():
        with writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'from_tomorrow'"))
        db.session.remove()
        db.engine.dispose()
    stopped(
        command(folder, *arguments),
        "The database is at revision from_tomorrow",
        "portal db upgrade",
    )


def test_a_wrong_program_is_explained(folder: Path, tmp_path: Path) -> None:
    """Every problem of a program's folder: file, what was found, and what would be right."""
    copy = tmp_path / "program"
    shutil.copytree(founding.SHIPPED / "cyber-defense", copy)
    form = copy / "form.toml"
    form.write_text(form.read_text().replace('kind = "country"', 'kind = "planet"', 1))
    for arguments in (("check", str(copy)), ("activate", str(copy))):
        stopped(
            command(folder, "program", *arguments),
            "The program document is not valid:", "form.toml", "planet",
        )  # fmt: skip
    (copy / "program.toml").write_text("title = ")
    stopped(command(folder, "program", "check", str(copy)), "program.toml", "write it as TOML")


def test_a_wrong_list_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """A cut-off list is refused with file and remedy; the last good copy stays in use."""
    before = command(folder, "lists", "show")
    assert before.exit_code == 0
    assert "entries" in before.output
    copy = tmp_path / "list"
    shutil.copytree(SAMPLES, copy)
    whole = (copy / "sdn.csv").read_bytes()
    (copy / "sdn.csv").write_bytes(whole[: len(whole) * 2 // 3])
    stopped(
        command(folder, "lists", "import", str(copy)),
        "The list was not imported, the last good copy stays:", "sdn.csv",
    )  # fmt: skip
    (copy / "sdn.csv").unlink()
    stopped(command(folder, "lists", "import", str(copy)), "sdn.csv")
    assert command(folder, "lists", "show").output == before.output
