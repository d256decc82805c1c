"""Record what a check found; a second record of the same round changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.application.events import CheckRecorded
from workflows.application.progress import advance
from workflows.application.state import State
from workflows.context import Context
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class RecordCheck:
    stream: str
    check: str
    round: int
    verdict: str
    score: int
    summary: str
    finding: Vaulted
    check_version: int
    data_digest: str
    data_date: str


def decide(state: State, command: RecordCheck, context: Context) -> tuple[object, ...]:
    present = state.checks.get(command.check)
    if present is None or present.round != command.round or present.verdict:
        return ()  # made twice, or asked for again meanwhile: the first record of a round counts
    recorded = CheckRecorded(
        check=command.check,
        round=command.round,
        verdict=command.verdict,
        score=command.score,
        summary=command.summary,
        finding=command.finding,
        check_version=command.check_version,
        data_digest=command.data_digest,
        data_date=command.data_date,
    )
    return advance(state, (recorded,), context.pinned())
