"""What a check hands back, and the examples that it carries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

F = TypeVar("F")

CERTAIN = 1000  # a score is an integer per mille: the ledger keeps no floats


class Verdict(StrEnum):
    """What a check says. Only `PASS` lets an application go on without a person."""

    PASS = "pass"  # noqa: S105 - the word, not a secret
    FAIL = "fail"
    NEEDS_HUMAN = "needs-human"
    STALE = "stale"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the reviewer. May hold names, so it is kept in the vault, not the ledger."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer on one set of facts.

    Attributes:
        verdict: see `Verdict`.
        score: per mille, 0 to 1000; 0 where the check has no scale.
        summary: one plain sentence for the ledger: counts, dates and codes, never a name.
        detail: lines for the reviewer, for the vault.

    Raises:
        ValueError: score out of range, or no summary.
    """

    verdict: Verdict
    score: int
    summary: str
    detail: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.score <= CERTAIN:
            raise ValueError(f"score must be 0 to {CERTAIN} per mille, not {self.score}")
        if not self.summary.strip():
            raise ValueError("a finding needs a summary")


@dataclass(frozen=True, slots=True)
class Example(Generic[F]):
    """Facts and the verdict they must get: read in the docs, run by a test."""

    title: str
    facts: F
    verdict: Verdict
