"""The verifier's own makers of tokens and proofs, for figures that verify them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType


def _load() -> ModuleType:
    path = Path(__file__).parent.parent / "verifier" / "vectors" / "generate.py"
    spec = importlib.util.spec_from_file_location("vectors_generate", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _load()
NOW = float(generate.NOW)
