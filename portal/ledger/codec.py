"""Events to JSON and back, by version.

Written JSON is canonical: members sorted, no white space, UTF-8, integers only (RFC 8785 for
values of these kinds), so that a digest can be computed from it anywhere. Events are never
rewritten: when a class changes its shape, raise its entry in `VERSIONS` and add an upcaster; a
frozen sample of every version ever written is kept in `tests/portal/ledger/samples/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from workflows import registry

# (kind, event name) -> version that is written now; absent means 1.
VERSIONS: dict[tuple[str, str], int] = {
    ("organization", "DomainVerified"): 2,
    ("organization", "DomainRestored"): 2,
    ("organization", "DomainContested"): 2,
}
# (kind, event name, version) -> turns that version's data into the next version's.
UPCASTERS: dict[tuple[str, str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {
    ("organization", "DomainVerified", 1): lambda data: data | {"proof": "dns"},
    ("organization", "DomainRestored", 1): lambda data: data | {"proof": "dns"},
    ("organization", "DomainContested", 1): lambda data: data | {"proof": "dns"},
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with where and when it happened and who did it; `at` is ISO 8601 UTC."""

    stream: str
    kind: str
    seq: int
    at: str
    actor: str
    event: Any

    @property
    def name(self) -> str:
        return type(self.event).__name__


def canonical(value: Any) -> str:
    """Canonical JSON of texts, whole numbers, booleans, null, lists and objects."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def version_of(kind: str, name: str) -> int:
    return VERSIONS.get((kind, name), 1)


def encode(kind: str, event: object) -> tuple[str, int, str]:
    """Name, version and canonical JSON of an event."""
    name = type(event).__name__
    cls: Any = type(event)
    data = _adapter(cls).dump_python(event, mode="json")
    return name, version_of(kind, name), canonical(data)


def decode(kind: str, name: str, version: int, data: str) -> Any:
    """The event that was written, in today's shape.

    Raises:
        LookupError: no such event is known: the ledger was written by a newer portal.
    """
    cls = registry.aggregates()[kind].events.get(name)
    if cls is None:
        raise LookupError(f"no event {kind}.{name} is known; was this written by a newer portal?")
    content = json.loads(data)
    current = version_of(kind, name)
    while version < current:
        content = UPCASTERS[kind, name, version](content)
        version += 1
    if version > current:
        raise LookupError(f"{kind}.{name} version {version} was written by a newer portal")
    return _adapter(cls).validate_python(content)
