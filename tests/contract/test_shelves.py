"""Whatever lies on a shelf is whole: named after its file, with its words, in the roles table."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import portal
import workflows
from workflows import registry, roles, shelves
from workflows.application.state import PHASE_OF_STAGE
from workflows.words import STATUSES, describe

ROOT = Path(workflows.__file__).parent.parent


@pytest.mark.parametrize("name", shelves.CHECKS)
def test_a_check_is_whole(name: str) -> None:
    """Each check has a version, a label, a source, a judge, and examples of pass and no pass."""
    check = import_module(f"workflows.checks.{name}")
    assert check.VERSION >= 1
    assert check.LABEL
    assert check.SOURCE
    verdicts = {e.verdict for e in check.EXAMPLES}
    assert "pass" in verdicts
    assert len(verdicts) > 1


@pytest.mark.parametrize("name", shelves.STAGES)
def test_a_stage_is_whole(name: str) -> None:
    """Each stage says whose turn it is and when it is complete, and has a phase."""
    stage = import_module(f"workflows.stages.{name}")
    assert stage.TURN
    assert callable(stage.is_complete)
    assert name in PHASE_OF_STAGE


def test_every_command_stands_in_the_roles_table_and_the_other_way_round() -> None:
    """A command without a line in the table is dead, a verb without a file a promise broken."""
    filed = {(c.kind, c.verb) for c in registry.commands().values()}
    listed = {
        (kind, v) for (kind, _), row in roles.TABLE.items() for vs in row.values() for v in vs
    }
    assert filed == listed


def test_every_phase_of_the_table_is_a_phase_of_its_aggregate() -> None:
    """The table speaks only of phases that exist."""
    for kind, phase in roles.TABLE:
        assert phase in registry.aggregates()[kind].phases


@pytest.mark.parametrize(
    ("kind", "phases"),
    [("application", registry.aggregates()["application"].phases),
     ("grant", registry.aggregates()["grant"].phases),
     ("service", registry.aggregates()["service"].phases)],
)  # fmt: skip
def test_every_phase_has_words(kind: str, phases: tuple[str, ...]) -> None:
    """No status is shown that the vocabulary does not explain."""
    for phase in phases:
        if phase != "absent":
            assert STATUSES[kind][phase].meaning


def test_every_event_is_described_without_personal_text() -> None:
    """Each event has a sentence, made from codes alone."""
    from docs.reference.generate import _samples

    for aggregate in registry.aggregates().values():
        for cls in aggregate.events.values():
            for event in _samples(cls):
                assert describe(aggregate.kind, event)
                assert "vlt_" not in describe(aggregate.kind, event)


def _sources() -> list[Path]:
    return [p for folder in ("workflows", "portal", "verifier/trusted_access")
            for p in sorted((ROOT / folder).rglob("*.py"))]  # fmt: skip


def test_no_room_is_called_after_nothing() -> None:
    """No module is a drawer for everything: utils, helpers, manager, common."""
    for path in _sources():
        assert not {"utils", "helpers", "manager", "common"} & set(path.with_suffix("").parts)


def test_the_tail_stays_short() -> None:
    """No source file over 420 lines, no function over 70: where such houses rot first."""
    for path in _sources():
        text = path.read_text()
        assert text.count("\n") <= 420, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 70, f"{path}: {node.name}"


def test_only_perform_writes_events() -> None:
    """`events` is inserted into by the store alone, and the store is used by the ledger alone."""
    for path in sorted((ROOT / "portal").rglob("*.py")):
        inside = path.parent == Path(portal.__file__).parent / "ledger"
        text = path.read_text()
        if not inside:
            assert "store.append" not in text, path
            assert "insert(events)" not in text, path


def test_templates_write_no_field_by_hand_in_zones() -> None:
    """Pages of the zones draw fields, tables and statuses with macros alone."""
    for path in sorted((ROOT / "templates").glob("*/*.html")):
        if path.parent.name in ("parts", "dev"):
            continue
        text = path.read_text()
        assert "<table" not in text, path
        assert "<textarea" not in text, path
        assert "<input" not in text.replace('<input type="hidden" name="seen"', ""), path
