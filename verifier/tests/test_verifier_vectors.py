"""The vectors: good and bad tokens by check, as any verifier in any language can run them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from trusted_access import (
    Action,
    AllOf,
    AnyOf,
    Policy,
    Scope,
    TierAtLeast,
    VerificationError,
    Verifier,
)
from trusted_access.issuer import FixedKeys

VECTORS = Path(__file__).parent.parent / "vectors"
FILES = {p.stem: json.loads(p.read_text()) for p in sorted(VECTORS.glob("*.json"))}
CASES = [(group, case) for group, whole in FILES.items() for case in whole["cases"]]
sys.path.insert(0, str(VECTORS))


def policy_of(asked: dict[str, Any] | None) -> Policy | None:
    """The policy that a vector's JSON speaks of."""
    match asked:
        case None:
            return None
        case {"scope": str(scope)}:
            return Scope(scope)
        case {"action": str(action)}:
            return Action(action)
        case {"tier": int(tier)}:
            return TierAtLeast(tier)
        case {"all": list(parts)}:
            return AllOf(*(p for p in map(policy_of, parts) if p))
        case {"any": list(parts)}:
            return AnyOf(*(p for p in map(policy_of, parts) if p))
    raise ValueError(asked)


@pytest.mark.parametrize(("group", "case"), CASES, ids=[f"{g}: {c['name']}" for g, c in CASES])
def test_a_vector(group: str, case: dict[str, Any]) -> None:
    """A vector is accepted, or refused by just the check that it names."""
    whole = FILES[group]
    verifier = Verifier(
        whole["issuer"],
        whole["audience"],
        keys=FixedKeys(whole["jwks"]),
        clock=lambda: float(whole["now"]),
    )
    try:
        access = verifier.verify(
            case["token"],
            proof=case.get("proof"),
            request=(case["request"][0], case["request"][1]),
            policy=policy_of(case["policy"]),
        )
    except VerificationError as refused:
        found, told = refused.code, refused.diagnostics()
    else:
        found, told = "ok", access.audience
    assert found == case["expect"], told
    assert not case["token"] or case["token"] not in told


def test_there_are_enough_vectors_good_and_bad() -> None:
    """At least a hundred vectors, of which at least fifteen are good."""
    assert len(CASES) >= 100
    assert sum(case["expect"] == "ok" for _, case in CASES) >= 15


def test_the_files_are_what_the_generator_writes() -> None:
    """Names, expectations and policies in the files are the generator's, in its order."""
    import generate

    for group, make in generate.GROUPS.items():
        made = [(c["name"], c["expect"], c["policy"], "proof" in c) for c in make()]
        kept = [(c["name"], c["expect"], c["policy"], "proof" in c) for c in FILES[group]["cases"]]
        assert made == kept, f"run python vectors/generate.py for {group}"
