"""Guards for WSGI and ASGI applications: a few lines, and what is behind them is verified."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from trusted_access.access import Access
from trusted_access.errors import ProofInvalid, TokenMalformed, VerificationError
from trusted_access.policy import Policy
from trusted_access.verifier import Verifier

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]
AsgiScope = MutableMapping[str, Any]
AsgiApp = Callable[[AsgiScope, Any, Any], Awaitable[None]]
KEY = "trusted_access"
_REASONS = {401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}


def verify_request(
    verifier: Verifier,
    policy: Policy,
    *,
    method: str,
    url: str,
    authorization: str,
    proofs: list[str],
) -> Access:
    """Verify the headers of one request.

    Args:
        url: as the client addressed it, so behind a proxy from the service's external base URL.
        proofs: every DPoP header; more than one is refused.

    Raises:
        VerificationError: the request must not be served.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in ("dpop", "bearer") or not token.strip():
        raise TokenMalformed("send the token as Authorization: DPoP", "token_missing")
    if len(proofs) > 1:
        raise ProofInvalid("the request has more than one DPoP header")
    # A bound token that comes as plain Bearer is refused even if a proof comes with it.
    proof = proofs[0] if proofs and scheme.lower() == "dpop" else None
    return verifier.verify(token.strip(), proof=proof, request=(method, url), policy=policy)


def problem(error: VerificationError) -> bytes:
    """The refusal as RFC 9457 problem+json."""
    body = {"type": "about:blank", "title": _REASONS[error.status], "status": error.status,
            "code": error.code, "detail": error.message}  # fmt: skip
    return json.dumps(body).encode()


def _headers(error: VerificationError, body: bytes) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    return headers if error.status == 503 else [*headers, ("WWW-Authenticate", error.challenge())]


class WsgiGuard:
    """Stands before a WSGI application; what it lets in finds an `Access` in
    `environ["trusted_access"]`.

    Args:
        base_url: the service's external base URL, without a final slash.
        protect: path prefixes that are guarded; everything else passes untouched.
    """

    def __init__(
        self,
        app: WsgiApp,
        verifier: Verifier,
        policy: Policy,
        *,
        base_url: str,
        protect: tuple[str, ...] = ("/",),
    ) -> None:
        self._app, self._verifier, self._policy = app, verifier, policy
        self._base, self._protect = base_url.rstrip("/"), protect

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(KEY, None)
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if not path.startswith(self._protect):
            return self._app(environ, start_response)
        proof = environ.get("HTTP_DPOP")
        try:
            environ[KEY] = verify_request(
                self._verifier,
                self._policy,
                method=environ.get("REQUEST_METHOD", "GET"),
                url=self._base + path,
                authorization=environ.get("HTTP_AUTHORIZATION", ""),
                proofs=[proof] if proof else [],
            )
        except VerificationError as error:
            body = problem(error)
            start_response(f"{error.status} {_REASONS[error.status]}", _headers(error, body))
            return [body]
        return self._app(environ, start_response)


class AsgiGuard:
    """Stands before an ASGI application; what it lets in finds an `Access` in
    `scope["trusted_access"]`. Verification runs in a thread, as it may ask the issuer."""

    def __init__(
        self,
        app: AsgiApp,
        verifier: Verifier,
        policy: Policy,
        *,
        base_url: str,
        protect: tuple[str, ...] = ("/",),
    ) -> None:
        self._app, self._verifier, self._policy = app, verifier, policy
        self._base, self._protect = base_url.rstrip("/"), protect

    async def __call__(self, scope: AsgiScope, receive: Any, send: Any) -> None:
        scope.pop(KEY, None)
        path = scope.get("path", "")
        if scope["type"] == "lifespan" or not path.startswith(self._protect):
            await self._app(scope, receive, send)
            return
        found: dict[str, list[str]] = {}
        for name, value in scope.get("headers", ()):
            found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        try:
            scope[KEY] = await asyncio.to_thread(
                verify_request,
                self._verifier,
                self._policy,
                method=scope.get("method", "GET"),
                url=self._base + path,
                authorization=(found.get("authorization") or [""])[0],
                proofs=found.get("dpop", []),
            )
        except VerificationError as error:
            await _refuse(error, scope, send)
            return
        await self._app(scope, receive, send)


async def _refuse(error: VerificationError, scope: AsgiScope, send: Any) -> None:
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = problem(error)
    headers = [(k.lower().encode(), v.encode()) for k, v in _headers(error, body)]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
