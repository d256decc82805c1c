"""A downstream service in a process of its own: one route, protected by the verifier."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from trusted_access import Introspector, Scope, Verifier
from trusted_access.middleware import WsgiGuard

SCOPE = "malware:analyze"
ROUTE = "/v1/analyze"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What the guard protects: it says whom it let in."""
    access = environ.get("trusted_access")
    body = {"analyzed": access is not None, "org": getattr(access, "org", None),
            "grant": getattr(access, "grant_id", None)}  # fmt: skip
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return


def main(argv: list[str]) -> None:
    """`downstream ISSUER AUDIENCE PORT CLIENT_ID KEY_FILE`: introspects at every request."""
    issuer, audience, port, client_id, key_file = argv
    with open(key_file, encoding="utf-8") as file:
        key = json.load(file)
    verifier = Verifier(
        issuer=issuer,
        audience=audience,
        introspector=Introspector(issuer, client_id=client_id, key=key),
    )
    guarded = WsgiGuard(application, verifier, Scope(SCOPE), base_url=audience, protect=("/v1/",))
    with make_server("127.0.0.1", int(port), guarded, WSGIServer, _Quiet) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
