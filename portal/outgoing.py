"""Requests to addresses that people gave us: public ones alone, small answers, no detours.

Names are resolved once and the connection goes to just the address that was judged, so that a
name server cannot answer differently the second time. Proxies of the environment are not used:
they would resolve names themselves.
"""

from __future__ import annotations

import time
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


class Unreachable(requests.RequestException):
    """No usable answer. The message says why in words that may be shown; it quotes nothing that
    the other side sent."""


def guard(session: requests.Session) -> requests.Session:
    """Send whatever the session sends through the guard."""
    policy = _policy()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # so that a small answer stays small
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Guarded(policy))
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


def is_permitted(url: str) -> bool:
    """Whether the URL is https, or plain http to a loopback address that the settings allow."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None:
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


class _Guarded(_AntiSSRFAdapter):
    def send(
        self, request: requests.PreparedRequest, *_args: Any, **more: Any
    ) -> requests.Response:
        if not is_permitted(request.url or ""):
            raise Unreachable("only https addresses are asked")
        end = time.monotonic() + SECONDS
        try:
            response = super().send(
                request, stream=True, timeout=SECONDS, verify=more.get("verify", True)
            )
        except AntiSSRFError:
            raise Unreachable("its name leads to an address that is not public") from None
        except requests.Timeout:
            raise Unreachable(f"it did not answer within {SECONDS:.0f} seconds") from None
        except requests.exceptions.SSLError:
            raise Unreachable("its certificate does not hold") from None
        except (requests.RequestException, HTTPError, OSError, ValueError):
            raise Unreachable("there was no connection") from None
        try:
            _finish(response, end)
        finally:
            response.close()
        return response

    def add_headers(self, request: requests.PreparedRequest, **_more: Any) -> None:
        # The adapter leaves the port out, without which many a provider misnames itself.
        request.headers["Host"] = urlsplit(request.url or "").netloc


def _finish(response: requests.Response, end: float) -> None:
    """Read the body, bounded in bytes and in time."""
    if 300 <= response.status_code < 400:
        raise Unreachable("it sent us to another address")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Unreachable("it compressed its answer, which nobody asked for")
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.raw.read1(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise Unreachable(f"its answer is longer than {MOST_BYTES // 1024} KiB")
            if time.monotonic() > end:
                raise Unreachable(f"its answer took longer than {SECONDS:.0f} seconds")
    except (HTTPError, OSError) as broken:
        if isinstance(broken, Unreachable):
            raise
        raise Unreachable("its answer broke off") from None
    response._content = b"".join(parts)
    response._content_consumed = True  # type: ignore[attr-defined]
