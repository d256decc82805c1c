"""A web server on loopback that speaks https for claimed domains, well or badly."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from portal.evidence import well_known
from tests.portal.test_outgoing_tls import certificate
from workflows.organization.proofs import PATH

SECRET = "only for those inside"


class Mood(StrEnum):
    WELL = "well"
    INSIDE = "sends us to an address inside"
    WWW = "sends us to another name of its own"
    ENDLESS = "never ends its body"
    SLOW = "sends a byte now and then"
    PAGE = "says 200 with a page that says not found"
    BOMB = "sends a megabyte in a kilobyte of gzip"
    DENIES = "says 403"
    BROKEN = "says 500"
    HEADS = "never ends its headers"


@dataclass
class WebServer:
    """Serves one file's text; `asked` are the paths and names that were asked for."""

    port: int
    certificate: Path
    text: str | None = None
    mood: Mood = Mood.WELL
    asked: list[tuple[str, str]] = field(default_factory=list)


class _Door(BaseHTTPRequestHandler):
    server: Any

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        web: WebServer = self.server.web
        web.asked.append((self.headers["Host"], self.path))
        with suppress(OSError):  # they hung up
            _ANSWERS[web.mood](self, web)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _well(door: _Door, web: WebServer) -> None:
    if web.text is None or door.path != PATH:
        door.say(404, b"<h1>Not found</h1>")
    else:
        door.say(200, web.text.encode(), Content_Type="text/plain")


def _endless(door: _Door, web: WebServer) -> None:
    door.send_response(200)
    door.end_headers()
    for _ in range(100_000):
        door.wfile.write(b"x" * 4096)


def _slow(door: _Door, web: WebServer) -> None:
    door.send_response(200)
    door.end_headers()
    for _ in range(100):
        door.wfile.write(b"t")
        time.sleep(0.05)


def _heads(door: _Door, web: WebServer) -> None:
    door.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        door.wfile.write(b"X-%d: x\r\n" % number)
        time.sleep(0.05)


_ANSWERS = {
    Mood.WELL: _well,
    Mood.INSIDE: lambda door, web: door.say(302, Location=f"https://127.0.0.1:{web.port}/inside"),
    Mood.WWW: lambda door, web: door.say(301, Location=f"https://www.{door.headers['Host']}{PATH}"),
    Mood.ENDLESS: _endless,
    Mood.SLOW: _slow,
    Mood.PAGE: lambda door, web: door.say(200, b"<html><h1>Page not found</h1></html>"),
    Mood.BOMB: lambda door, web: door.say(
        200, gzip.compress(b"\0" * 2**20)[:1000], Content_Encoding="gzip"
    ),
    Mood.DENIES: lambda door, web: door.say(403, SECRET.encode()),
    Mood.BROKEN: lambda door, web: door.say(500, SECRET.encode()),
    Mood.HEADS: _heads,
}


@contextmanager
def standing(folder: Path, *names: str) -> Iterator[WebServer]:
    """A server whose certificate is for the names."""
    file = certificate(folder, *(x509.DNSName(name) for name in names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    listening.daemon_threads = True
    listening.handle_error = lambda *_: None  # who does not trust it hangs up
    listening.socket = context.wrap_socket(
        listening.socket, server_side=True, do_handshake_on_connect=False
    )
    listening.web = WebServer(listening.server_port, file)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield listening.web
    listening.shutdown()
    listening.server_close()
    thread.join()


def point(patch: pytest.MonkeyPatch, web: WebServer, *names: str) -> None:
    """Names lead to the server, and its certificate is trusted; as public DNS and authorities do
    for a domain that is there."""
    known = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        return known("127.0.0.1" if host in names else host, *args, **more)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    patch.setattr(well_known, "PORT", web.port)
    patch.setattr(well_known, "TRUSTED", str(web.certificate))
