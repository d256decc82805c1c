"""Requests by https through the guard: the name is held against the certificate, no address is."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from portal import clock, outgoing


def certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A certificate for names that signs itself, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(encoding))
    return file


class Door(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"host":"%s"}' % self.headers["Host"].encode())


@pytest.fixture(params=["its name", "another name"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, bool]]:
    """(URL, certificate, whether it is for the URL's name)."""
    right = request.param == "its name"
    name = x509.DNSName("localhost") if right else x509.IPAddress(ip_address("127.0.0.1"))
    file = certificate(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listening = HTTPServer(("127.0.0.1", 0), Door)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://localhost:{listening.server_port}/", file, right
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_the_name_is_held_against_the_certificate(
    house: Flask, server: tuple[str, Path, bool]
) -> None:
    """A certificate that nobody vouches for is refused; one that is trusted must be for the name in
    the URL, also though the connection goes to an address."""
    url, file, right = server
    with pytest.raises(outgoing.Unreachable, match="certificate does not hold"):
        outgoing.get_json(url)
    with outgoing.guard(requests.Session()) as session:
        if right:
            answer = session.get(url, verify=str(file))
            assert answer.json() == {"host": url.removeprefix("https://").rstrip("/")}
        else:
            with pytest.raises(outgoing.Unreachable, match="certificate does not hold"):
                session.get(url, verify=str(file))
