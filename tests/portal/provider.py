"""An OpenID provider on loopback that signs one person in, and lies in whatever way it is told."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit

from joserfc import jwk
from joserfc import jwt as made

from tests.signing import b64, changed, compact, generate

CLIENT, SECRET = "portal-at-harbor", "a secret that nobody sees again"


@dataclass
class Provider:
    """What it says; each member can be made to lie.

    Attributes:
        metadata, claims, sent_back, answer: laid over what an honest one would say; `GONE` takes
            a member away.
        alg: of the ID token; `key` signs it, `keys` are published.
        broken: path -> what happens there instead: `slow`, `drip`, `headers`, `huge`, `squeezed`,
            `redirect`, `text`.
        asked: paths that were asked for, in order; `forms` what was posted to the token endpoint.
    """

    issuer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    sent_back: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    alg: str = "RS256"
    kid: str | None = "one"
    key: Any = field(default_factory=lambda: generate("RSA"))
    keys: list[Any] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        whole = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
        return changed(whole, self.metadata)

    def key_set(self) -> dict[str, Any]:
        if self.keys is not None:
            return {"keys": self.keys}
        return {"keys": [{**self.key.as_dict(private=False), "kid": "one", "use": "sig"}]}

    def authorize(self, url: str) -> str:
        """What the person's browser does there: where it is sent back to."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        said = {"code": code, "state": asked["state"], "iss": self.issuer}
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode(changed(said, self.sent_back))}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(form["code"])
        verified = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        assert asked["code_challenge_method"] == "S256"
        if verified != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        now, access = int(time.time()), "an-access-token"
        claims = {
            "iss": self.issuer, "sub": "ann", "aud": asked["client_id"], "iat": now,
            "exp": now + 300, "nonce": asked["nonce"], "email": "ann@harborcert.example",
            "email_verified": True, "name": "Ann Harbor", "at_hash": self._at_hash(access),
        }  # fmt: skip
        header = {"alg": self.alg} | ({"kid": self.kid} if self.kid else {})
        token = compact(header, changed(claims, self.claims), self.key)
        whole = {"access_token": access, "token_type": "Bearer", "id_token": token}
        return changed(whole, self.answer)

    def _at_hash(self, access: str) -> str:
        digest = hashlib.sha512 if self.alg == "EdDSA" else hashlib.sha256
        half = digest(access.encode()).digest()
        return b64(half[: len(half) // 2])


@contextmanager
def standing() -> Iterator[Provider]:
    """A provider that listens on a free port of loopback."""
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            if path in provider.broken:
                self._break(provider.broken[path])
            elif path == "/.well-known/openid-configuration":
                self._json(provider.discovery())
            elif path == "/authorize":
                asked = dict(parse_qsl(urlsplit(self.path).query))
                back = urljoin(asked["redirect_uri"], provider.authorize(self.path))
                self.send_response(303)
                self.send_header("Location", back)
                self.end_headers()
            elif path == "/jwks":
                self._json(provider.key_set())
            elif path == "/userinfo":
                self._json(provider.info)
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            provider.authorizations.append(self.headers.get("Authorization", ""))
            length = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
            provider.forms.append(form)
            if self.path in provider.broken:
                self._break(provider.broken[self.path])
            else:
                self._json(provider.token(form))

        def _json(self, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(400 if "error" in said else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _break(self, how: str) -> None:
            with suppress(OSError):  # the portal hangs up, as it should
                getattr(self, f"_{how}")()

        def _slow(self) -> None:
            stop.wait(30)

        def _redirect(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"{provider.issuer}/elsewhere")
            self.end_headers()

        def _text(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<p>Welcome</p>")

        def _huge(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in range(32 * 1024):
                self.wfile.write(b" " * 1024)
            provider.asked.append("all of it was read")

        def _headers(self) -> None:
            while not stop.wait(0.1):
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

        def _squeezed(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(b" " * 1024))

        def _drip(self) -> None:
            self.send_response(200)
            self.end_headers()
            while not stop.wait(0.2):
                self.wfile.write(b" ")

    stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = False
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def assertion(form: dict[str, str], published: dict[str, Any]) -> dict[str, Any]:
    """The claims of a client assertion, verified with the portal's published keys."""
    keys = jwk.KeySet.import_key_set(published)  # type: ignore[arg-type]
    return made.decode(form["client_assertion"], keys, algorithms=["RS256"]).claims


def basic(client: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()
