"""The issuer from outside: its metadata (RFC 8414) and its keys, cached and asked for seldom."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import requests

from trusted_access import keys
from trusted_access.encoding import json_object
from trusted_access.errors import KeysUnavailable

MOST_BYTES = 256 * 1024
TIMEOUT_SECONDS = 5.0
FRESH_SECONDS = 300.0
COOL_DOWN_SECONDS = 10.0
STALE_MOST_SECONDS = 24 * 3600.0


def metadata_url(issuer: str) -> str:
    """Where the metadata lies: the well-known part goes before the issuer's path (section 3.1)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{path}"


def fetch(url: str, session: requests.Session) -> dict[str, Any]:
    """A JSON object from a URL; no redirects, 256 KiB at most.

    Raises:
        KeysUnavailable: whatever went wrong, in words.
    """
    try:
        with session.get(
            url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True,
            headers={"Accept": "application/json"},
        ) as answer:  # fmt: skip
            if answer.status_code != 200:
                raise KeysUnavailable(f"{url} answered {answer.status_code}")
            raw = answer.raw.read(MOST_BYTES + 1, decode_content=True)
    except requests.RequestException as failed:
        raise KeysUnavailable(f"{url} cannot be reached: {type(failed).__name__}") from None
    if len(raw) > MOST_BYTES:
        raise KeysUnavailable(f"{url} answered with more than {MOST_BYTES} bytes")
    try:
        return json_object(raw)
    except (ValueError, UnicodeDecodeError, json.JSONDecodeError):
        raise KeysUnavailable(f"{url} did not answer with a JSON object") from None


class Issuer:
    """Metadata and keys of one issuer.

    An unknown kid makes it ask again, at most once in ten seconds, so that a rotation is
    noticed and nobody can make it hammer the issuer. While the issuer is away, the last good
    keys serve on for a day.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._session = requests.Session()
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: dict[str, keys.PublicKey] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")

    def metadata(self) -> dict[str, Any]:
        """The issuer's metadata, whose `issuer` is the one asked for (RFC 8414 section 3.3)."""
        if self._metadata is None:
            found = fetch(metadata_url(self.issuer), self._session)
            if found.get("issuer") != self.issuer:
                raise KeysUnavailable("the metadata is another issuer's")
            self._metadata = found
        return self._metadata

    def endpoint(self, name: str) -> str:
        """A URL of the metadata, such as `token_endpoint`."""
        url = self.metadata().get(name)
        if not isinstance(url, str):
            raise KeysUnavailable(f"the issuer's metadata has no {name}")
        return url

    def key(self, kid: str) -> keys.PublicKey | None:
        """The key of a kid; None when the issuer has none of that id.

        Raises:
            KeysUnavailable: there are no keys to look in, and none can be had.
        """
        found = self._keys.get(kid)
        if found is not None and time.monotonic() - self._fetched < FRESH_SECONDS:
            return found
        with self._lock:
            self._refresh(kid)
            return self._keys.get(kid)

    def _refresh(self, kid: str) -> None:
        now = time.monotonic()
        fresh = now - self._fetched < FRESH_SECONDS
        if (fresh and kid in self._keys) or now - self._tried < COOL_DOWN_SECONDS:
            if not self._keys:
                raise KeysUnavailable("the issuer's keys could not be fetched a moment ago")
            return
        self._tried = now
        try:
            found = fetch(self.endpoint("jwks_uri"), self._session)
        except KeysUnavailable:
            if not self._keys or now - self._fetched > STALE_MOST_SECONDS:
                self._keys = {}
                raise
            return
        self._keys = _load(found)
        self._fetched = now


def _load(jwks: dict[str, Any]) -> dict[str, keys.PublicKey]:
    """kid -> key; entries of other kinds or uses are passed over (RFC 7517 section 5)."""
    found: dict[str, keys.PublicKey] = {}
    entries = jwks.get("keys")
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = keys.load_public(entry)
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(entry.get("kid"), str) and entry.get("alg", next(iter(key.algs))) in key.algs:
            found[entry["kid"]] = key
    return found


class FixedKeys:
    """Keys that are handed in: for tests, vectors, and services without a way to the issuer."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self._keys = _load(jwks)

    def key(self, kid: str) -> keys.PublicKey | None:
        return self._keys.get(kid)
