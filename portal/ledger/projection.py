"""Projectors: what a board does with an event, inside the transaction that wrote it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TypeVar

from sqlalchemy import Connection, Table

from portal.ledger.codec import Envelope

Projector = Callable[[Connection, Envelope], None]
Lookup = Callable[..., list[str]]
P = TypeVar("P", bound=Projector)
L = TypeVar("L", bound=Lookup)

_projectors: dict[type, list[Projector]] = {}
_boards: list[Table] = []
_lookups: dict[str, Lookup] = {}


def projects(*events: type) -> Callable[[P], P]:
    """Register a projector for event classes.

    A row belongs to one stream, or its projector is commutative: `portal boards rebuild` feeds
    streams in any order and must end in the same rows.
    """

    def register(projector: P) -> P:
        for event in events:
            _projectors.setdefault(event, []).append(projector)
        return projector

    return register


def looks_up(lookup: L) -> L:
    """Register a function that answers `reactions.ForEach` with ids, under its own name."""
    _lookups[lookup.__name__] = lookup
    return lookup


def look_up(connection: Connection, name: str, about: Mapping[str, str]) -> list[str]:
    """What a board finds at this moment, inside the transaction; KeyError for no such lookup."""
    load()
    return _lookups[name](connection, **about)


def board(*tables: Table) -> None:
    """Name the tables that `portal boards rebuild` empties before it feeds the ledger again."""
    _boards.extend(tables)


@cache
def load() -> None:
    """Import every file of `portal/boards/`, so that its projectors are registered."""
    package = import_module("portal.boards")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"portal.boards.{module.name}")


def tables() -> tuple[Table, ...]:
    load()
    return tuple(_boards)


def project(connection: Connection, envelope: Envelope) -> None:
    load()
    for projector in _projectors.get(type(envelope.event), ()):
        projector(connection, envelope)
