"""Against an OpenID provider that nobody here wrote: npm's `oidc-provider`, run by node."""

from __future__ import annotations

import fcntl
import hashlib
import html
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from flask import Flask

from portal.boards import accounts, sign_ons
from portal.identity import client_keys
from tests.conftest import need
from tests.portal.people import ask, look
from tests.portal.provider import CLIENT, SECRET
from tests.portal.sign_on import ANN, Browser, account, proven

HERE = Path(__file__).parent.parent / "peers" / "oidc_provider"
BACK = "http://localhost:8000/sign-on/callback"


def installed() -> Path:
    """A folder outside the repository with the locked packages, made once."""
    need("node with npm", bool(shutil.which("node") and shutil.which("npm")))
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "trusted-access-portal" / f"oidc-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / ".done").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            run = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            need(f"npm's registry ({run.stderr[-200:]})", run.returncode == 0)
            (folder / ".done").touch()
        shutil.copy(HERE / "provider.js", folder)
    return folder


@dataclass
class Peer:
    """The provider's process, as the fake one is asked: `issuer`, `authorize`."""

    issuer: str

    def authorize(self, url: str) -> str:
        """Sign in on its own pages and agree; where the browser is sent back to."""
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(12):
                answer = session.get(url, allow_redirects=False, timeout=10)
                while answer.status_code in (302, 303):
                    url = urljoin(answer.url, answer.headers["Location"])
                    if url.startswith(BACK):
                        parts = urlsplit(url)
                        return f"{parts.path}?{parts.query}"
                    answer = session.get(url, allow_redirects=False, timeout=10)
                assert answer.status_code == 200, answer.text
                url = self._press(session, answer)
        raise AssertionError("the provider never sent anybody back")

    def _press(self, session: requests.Session, page: requests.Response) -> str:
        """Fill in the page's form; where its answer leads."""
        form = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert form, page.text
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', page.text)
        data = {"login": "ann", "password": "anything", **dict(hidden)}
        to = urljoin(page.url, html.unescape(form[1]))
        answer = session.post(to, data=data, allow_redirects=False, timeout=10)
        assert answer.status_code in (302, 303), answer.text
        return urljoin(to, answer.headers["Location"])


@contextmanager
def running(folder: Path, **config: Any) -> Iterator[Peer]:
    code = installed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"port": port, "client_id": CLIENT, "redirect_uri": BACK, "conform": True} | config
    file = folder / "peer.json"
    file.write_text(json.dumps(told))
    process = subprocess.Popen(
        ["node", "provider.js", str(file)],
        cwd=code, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        assert any(line == "listening\n" for line in lines)
        yield Peer(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


ANNS = {"email": ANN, "email_verified": True, "name": "Ann Harbor"}


@pytest.mark.slow
@pytest.mark.parametrize("conform", [True, False], ids=["userinfo", "id-token"])
@pytest.mark.parametrize("authentication", ["private_key_jwt", "client_secret"])
def test_somebody_signs_in(
    house: Flask, tmp_path: Path, authentication: str, conform: bool
) -> None:
    """Asked, configured through the page, signed in twice, by key and by secret, with the address
    in the ID token or behind the UserInfo endpoint alone."""
    org = proven()
    client_keys.make(org.id)
    by_secret = authentication == "client_secret"
    proof = {"client_secret": SECRET} if by_secret else {"jwks": client_keys.published(org.id)}
    with running(tmp_path, claims=ANNS, conform=conform, **proof) as peer:
        form = {"issuer": peer.issuer, "client_id": CLIENT, "authentication": authentication,
                "client_secret": SECRET if by_secret else ""}  # fmt: skip
        path = f"/organizations/{org.id}/sign-on"
        assert f"{peer.issuer}/auth" in ask(house, org.owner, path, **form, then="ask").text
        assert ask(house, org.owner, path, **form, then="save").status_code == 302
        assert peer.issuer in look(house, org.owner, path)
        for _ in range(2):
            browser = Browser(house)
            answer = browser.through(org, peer)  # type: ignore[arg-type]
            assert answer.status_code == 302, answer.text
            assert browser.who() == "Ann Harbor"
        assert accounts.address(account()) == ANN
        assert len(sign_ons.linked_to(account())) == 1


@pytest.mark.slow
def test_who_is_not_verified_there_is_not_signed_in(house: Flask, tmp_path: Path) -> None:
    """The peer itself says that it has not verified the address: nobody is signed in."""
    org = proven()
    claims = ANNS | {"email_verified": False}
    with running(tmp_path, claims=claims, client_secret=SECRET) as peer:
        form = {"issuer": peer.issuer, "client_id": CLIENT, "authentication": "client_secret",
                "client_secret": SECRET, "then": "save"}  # fmt: skip
        assert ask(house, org.owner, f"/organizations/{org.id}/sign-on", **form).status_code == 302
        answer = Browser(house).through(org, peer)  # type: ignore[arg-type]
        assert answer.status_code == 400
        assert "not verified" in answer.text
        assert account() == ""


def test_the_lock_names_no_registry() -> None:
    """The packages are pinned by digest; where they come from is each machine's own affair."""
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = [p for name, p in lock["packages"].items() if name]
    assert len(packages) > 20
    assert all(p["integrity"].startswith("sha512-") and "resolved" not in p for p in packages)
