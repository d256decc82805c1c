"""The house's law on imports, run with the tests."""

from __future__ import annotations

from importlinter.cli import lint_imports


def test_every_import_contract_is_kept() -> None:
    """Roof, doors, facts, memory and core import downward only, and doors never each other."""
    assert lint_imports(config_filename="setup.cfg", no_cache=True) == 0
