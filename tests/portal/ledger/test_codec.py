"""Events as they are written: frozen, canonical, read back by version.

A sample is written once, when an event class or a version of it is new:
`PORTAL_WRITE_SAMPLES=1 pytest tests/portal/ledger/test_codec.py`. An existing one is never
rewritten: what it shows was written into ledgers.
"""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from pathlib import Path
from typing import Any

import pytest

from portal.ledger import chain, codec
from workflows import registry

SAMPLES = Path(__file__).parent / "samples"
WRITE = os.environ.get("PORTAL_WRITE_SAMPLES") == "1"
EVENTS = [
    (kind, name, cls)
    for kind, aggregate in registry.aggregates().items()
    for name, cls in aggregate.events.items()
    if name != "EvidenceFile"  # a part of Submitted, no event of its own
]
HOW = "write it: PORTAL_WRITE_SAMPLES=1 pytest tests/portal/ledger/test_codec.py"


def made_up(kind: Any, name: str) -> Any:
    """A value for a field's type, from its name; nulls are shown by a field of their own."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{f: made_up(t, f"{name}-{f}") for f, t in hints.items()})
    if origin is tuple:
        return (made_up(inner[0], f"{name}-1"), made_up(inner[0], f"{name}-2"))
    if origin is dict:
        return {key: made_up(inner[1], f"{name}-{key}") for key in ("b", "a", "é")}
    if origin in (types.UnionType, typing.Union):
        return made_up(inner[0], name)
    return {str: f"{name} – “é” \\ \n", int: 7, bool: True}[kind]


@pytest.mark.parametrize(("kind", "name", "cls"), EVENTS, ids=lambda v: str(v))
def test_every_event_has_a_frozen_sample(kind: str, name: str, cls: type) -> None:
    """Each event class reads the sample of every version and writes it again to the letter."""
    version = codec.version_of(kind, name)
    path = SAMPLES / f"{kind}.{name}.v{version}.json"
    if WRITE and not path.exists():
        SAMPLES.mkdir(exist_ok=True)
        path.write_text(codec.encode(kind, made_up(cls, name.lower()))[2] + "\n", "utf-8")
    if not path.is_file():
        pytest.fail(f"{path.name} is missing; {HOW}")
    for number in range(1, version + 1):
        path = SAMPLES / f"{kind}.{name}.v{number}.json"
        assert path.is_file(), f"{path.name} is gone: a version that was written stays readable"
        frozen = path.read_text("utf-8").removesuffix("\n")
        event = codec.decode(kind, name, number, frozen)
        assert type(event) is cls
        written, at, data = codec.encode(kind, event)
        assert (written, at) == (name, version)
        if number == version:
            assert data == frozen, "the shape changed: raise the version and add an upcaster"


def test_no_sample_is_of_an_event_that_is_gone() -> None:
    """A sample whose class was removed would mean that old ledgers can no longer be read."""
    known = {(kind, name) for kind, name, _ in EVENTS}
    for path in SAMPLES.glob("*.json"):
        kind, name, version = path.name.removesuffix(".json").split(".")
        assert (kind, name) in known, path.name
        assert int(version[1:]) <= codec.version_of(kind, name), path.name


def test_a_list_file_of_an_event_is_decoded_nested() -> None:
    """Nested parts come back as the classes that they were, tuples as tuples, null as None."""
    sample = (SAMPLES / "application.Submitted.v1.json").read_text("utf-8")
    event = codec.decode("application", "Submitted", 1, sample)
    assert type(event.files).__name__ == "tuple"
    assert type(event.files[0].file).__name__ == "Vaulted"
    decided = json.loads((SAMPLES / "application.Decided.v1.json").read_text("utf-8"))
    without = codec.decode("application", "Decided", 1, json.dumps({**decided, "note": None}))
    assert without.note is None
    assert '"note":null' in codec.encode("application", without)[2]


def test_written_json_is_canonical() -> None:
    """Members are sorted, nothing is escaped that need not be, and no number is a fraction."""
    assert codec.canonical({"b": [1, True, None], "a": "é\n“"}) == (
        '{"a":"é\\n“","b":[1,true,null]}'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.canonical({"a": float("nan")})


def test_what_a_newer_portal_wrote_is_refused_in_words() -> None:
    """An unknown event or a later version is a LookupError that says why."""
    with pytest.raises(LookupError, match=r"no event grant\.Promoted is known; was this"):
        codec.decode("grant", "Promoted", 1, "{}")
    with pytest.raises(
        LookupError, match=r"grant\.Expired version 2 was written by a newer portal"
    ):
        codec.decode("grant", "Expired", 2, "{}")


def test_upcasters_are_applied_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first version goes through each upcaster in turn; today's version through none."""
    key = ("account", "RoleEnded")
    monkeypatch.setitem(codec.VERSIONS, key, 3)
    monkeypatch.setitem(codec.UPCASTERS, (*key, 1), lambda data: {"part": data["r"]})
    monkeypatch.setitem(codec.UPCASTERS, (*key, 2), lambda data: {"role": data["part"] + "!"})
    assert codec.decode(*key, 1, '{"r":"intake"}').role == "intake!"
    assert codec.decode(*key, 2, '{"part":"intake"}').role == "intake!"
    assert codec.decode(*key, 3, '{"role":"intake"}').role == "intake"
    assert codec.encode("account", codec.decode(*key, 1, '{"r":"intake"}'))[1] == 3
    with pytest.raises(LookupError):
        codec.decode(*key, 4, "{}")


def test_the_digest_covers_every_column() -> None:
    """A digest changes with each column; the first entry's is fixed, to be computed anywhere."""
    columns: dict[str, Any] = {
        "stream": "acc_1", "seq": 1, "kind": "account", "name": "Erased", "version": 1,
        "at": "2026-01-01T00:00:00.000000Z", "actor": "operator:tests",
        "data": '{"reason":"asked"}', "prev": chain.GENESIS,
    }  # fmt: skip
    whole = chain.digest(**columns)
    assert whole == "d377912ae142951526e46114d2f33f7179096ebb9f5331b31add3f87fa1ddee5"
    changed = {
        chain.digest(**{**columns, name: value + 1 if isinstance(value, int) else value + "x"})
        for name, value in columns.items()
    }
    assert len(changed | {whole}) == len(columns) + 1
