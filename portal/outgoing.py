"""Requests to addresses that people gave us: public ones alone, small answers, no detours.

Names are resolved once and the connection goes to just the address that was judged, so that a
name server cannot answer differently the second time. Proxies of the environment are not used:
they would resolve names themselves.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions

# The session that the package offers is its adapter and nothing else; Authlib brings its own.
from AntiSSRF._antissrf_agent import _AntiSSRFAdapter
from urllib3.exceptions import HTTPError

from portal.installation import settings

SECONDS = 5.0
MOST_BYTES = 512 * 1024


class Why(StrEnum):
    """Why there is no usable answer; the words are the message's."""

    REDIRECTED = "redirected"
    COMPRESSED = "compressed"
    TOO_LARGE = "too-large"
    NOT_PUBLIC = "not-public"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    NETWORK = "network"
    OTHER = "other"


class Unreachable(requests.RequestException):
    """No usable answer. The message says why in words that may be shown; it quotes nothing that
    the other side sent."""

    def __init__(self, words: str, why: Why = Why.OTHER) -> None:
        super().__init__(words)
        self.why = why


def guard(session: requests.Session, most_bytes: int = MOST_BYTES) -> requests.Session:
    """Send whatever the session sends through the guard; answers of at most so many bytes."""
    policy = _policy()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # so that a small answer stays small
    session.headers["Connection"] = "close"  # each connection has a time of its own
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Guarded(policy, most_bytes))
    return session


def get_json(url: str) -> Any:
    """The JSON document behind a URL.

    Raises:
        Unreachable: no connection, no public address, a redirect, not 200, too slow or too large,
            or not JSON.
    """
    with guard(requests.Session()) as session:
        answer = session.get(url, headers={"Accept": "application/json"})
    if answer.status_code != 200:
        raise Unreachable(f"it answered with status {answer.status_code}")
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise Unreachable("it did not answer with JSON") from None


def get_small(
    url: str, most_bytes: int, accept: str, verify: bool | str = True
) -> tuple[int, bytes]:
    """Status and body behind a URL.

    Args:
        accept: the media type that is asked for.
        verify: True, or a file of certificates to trust instead of the usual ones.

    Raises:
        Unreachable: no connection, no public address, a redirect, too slow, larger than that, or
            compressed.
    """
    with guard(requests.Session(), most_bytes) as session:
        session.headers["User-Agent"] = "trusted-access-portal"
        answer = session.get(url, headers={"Accept": accept}, verify=verify)
    return answer.status_code, answer.content


def is_permitted(url: str) -> bool:
    """Whether the URL is https, or plain http to a loopback address that the settings allow."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or not (url.isascii() and url.isprintable()):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_open_loopback(host))


def _is_open_loopback(host: str) -> bool:
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return False
    networks = [ip_network(network) for network in settings().private_destinations]
    return address.is_loopback and any(address in network for network in networks)


def _policy() -> AntiSSRFPolicy:
    policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.add_xff_header = False  # providers take it for an address
    policy.allow_plain_text_http = True  # `is_permitted` is stricter
    if settings().private_destinations:
        policy.add_allowed_addresses(settings().private_destinations)
    return policy


class _Deadline:
    """Cuts a request's connections off when its time is up, whatever the other side sends: a
    socket's own timeout begins anew with each byte."""

    def __init__(self) -> None:
        self.over = False
        self._twins: list[socket.socket] = []
        self._timer = threading.Timer(SECONDS, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for twin in self._twins:
            twin.close()

    def watch(self, connection: socket.socket) -> None:
        self._twins.append(connection.dup())  # TLS takes the original away
        if self.over:
            self._cut()

    def _cut(self) -> None:
        self.over = True
        for twin in self._twins:
            with suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)


def _watched(connection: Any, deadline: _Deadline) -> Any:
    """The class of connections, telling the deadline of each that it makes."""

    class Watched(connection):
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            deadline.watch(made)
            return made

    return Watched


class _Guarded(_AntiSSRFAdapter):
    def __init__(self, policy: AntiSSRFPolicy, most_bytes: int) -> None:
        super().__init__(policy)
        self._most_bytes = most_bytes

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **more: Any
    ) -> requests.Response:
        if not is_permitted(request.url or ""):
            raise Unreachable("only https addresses are asked")
        with _Deadline() as self._deadline:
            try:
                response = super().send(
                    request, stream=True, timeout=SECONDS, verify=more.get("verify", True)
                )
                with response:
                    _finish(response, self._most_bytes)
            except Exception as failed:
                raise self._words(failed) from None
            if self._deadline.over:
                raise self._words(TimeoutError())
        return response

    def _words(self, failed: Exception) -> Exception:
        """What is said of a failure; one that is none of the network's stays as it is."""
        match failed:
            case Unreachable():
                return failed
            case AntiSSRFError():
                return Unreachable(
                    "its name leads to an address that is not public", Why.NOT_PUBLIC
                )
            case _ if self._deadline.over or isinstance(failed, requests.Timeout):
                words = f"it did not answer within {SECONDS:.0f} seconds"
                return Unreachable(words, Why.TIMEOUT)
            case requests.exceptions.SSLError():
                return Unreachable("its certificate does not hold", Why.CERTIFICATE)
            case OSError() | HTTPError() | ValueError():  # also whatever `requests` raises
                return Unreachable("there was no connection", Why.NETWORK)
        return failed

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **more)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._deadline)
        return pool

    def add_headers(self, request: requests.PreparedRequest, **_more: Any) -> None:
        # The adapter leaves the port out, without which many a provider misnames itself.
        request.headers["Host"] = urlsplit(request.url or "").netloc


def _finish(response: requests.Response, most_bytes: int) -> None:
    """Read the body, bounded in bytes; the deadline bounds it in time."""
    if 300 <= response.status_code < 400:
        raise Unreachable("it sent us to another address", Why.REDIRECTED)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Unreachable("it compressed its answer, which nobody asked for", Why.COMPRESSED)
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            raise Unreachable(f"its answer is longer than {most_bytes // 1024} KiB", Why.TOO_LARGE)
    response._content = b"".join(parts)
    response._content_consumed = True  # type: ignore[attr-defined]
