"""Finds what lies on the shelves: aggregates with their events, and commands by their verbs.

File name = identifier: `workflows/grant/commands/revoke.py` is the verb `revoke` of the kind
`grant`, its command class is `Revoke`. Nothing is registered by hand.
"""

from __future__ import annotations

import dataclasses
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

# Prefix of a stream's id -> kind of aggregate. UUIDv7 follows the prefix, except for programs
# and lists, whose streams are named after them, and the installation, which is one.
KINDS: Mapping[str, str] = {
    "acc": "account",
    "org": "organization",
    "app": "application",
    "gr": "grant",
    "ws": "workspace",
    "eng": "engagement",
    "svc": "service",
    "pol": "policy",
    "key": "key",
    "lst": "screening",
    "emg": "emergency",
    "ins": "installation",
}


@dataclass(frozen=True, slots=True)
class Aggregate:
    kind: str
    phases: tuple[str, ...]
    initial: Callable[[str], Any]
    evolve: Callable[[Any, object], Any]
    events: Mapping[str, type]


@dataclass(frozen=True, slots=True)
class Command:
    kind: str
    verb: str
    type: type
    decide: Callable[[Any, Any, Any], tuple[object, ...]]
    reads: Callable[[Any, Any], tuple[str, ...]]


def kind_of(stream: str) -> str:
    """The kind of aggregate that a stream id names; ValueError for any other text."""
    prefix = stream.partition("_")[0]
    if prefix not in KINDS:
        raise ValueError(f"{stream!r} is not a stream id")
    return KINDS[prefix]


@cache
def aggregates() -> Mapping[str, Aggregate]:
    return {kind: _aggregate(kind) for kind in KINDS.values()}


def _aggregate(kind: str) -> Aggregate:
    state = import_module(f"workflows.{kind}.state")
    events = import_module(f"workflows.{kind}.events")
    found = {
        name: cls
        for name, cls in inspect.getmembers(events, inspect.isclass)
        if cls.__module__ == events.__name__ and dataclasses.is_dataclass(cls)
    }
    return Aggregate(kind, state.PHASES, lambda id_: state.State(id=id_), state.evolve, found)


@cache
def commands() -> Mapping[type, Command]:
    found: dict[type, Command] = {}
    for kind in KINDS.values():
        package = import_module(f"workflows.{kind}.commands")
        for module in pkgutil.iter_modules(package.__path__):
            command = _command(kind, module.name)
            found[command.type] = command
    return found


def _command(kind: str, verb: str) -> Command:
    module = import_module(f"workflows.{kind}.commands.{verb}")
    name = "".join(part.capitalize() for part in verb.split("_"))
    return Command(
        kind=kind,
        verb=verb,
        type=getattr(module, name),
        decide=module.decide,
        reads=getattr(module, "reads", lambda state, command: ()),
    )


def fold(stream: str, history: tuple[object, ...]) -> Any:
    """The state of a stream after `history`."""
    aggregate = aggregates()[kind_of(stream)]
    state = aggregate.initial(stream)
    for event in history:
        state = aggregate.evolve(state, event)
    return state
