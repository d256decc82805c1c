"""An application as its history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.application import events as e

PHASES = ("absent", "checking", "reviewing", "deciding", "approved", "denied", "withdrawn")
PHASE_OF_STAGE = {"checks": "checking", "review": "reviewing", "decision": "deciding"}
FINAL = frozenset({"approved", "denied", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Check:
    """A check's present round; `verdict` is "" while it runs."""

    round: int
    verdict: str = ""
    cleared_by_person: bool = False

    @property
    def settled(self) -> bool:
        return self.verdict == "pass" or self.cleared_by_person


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    org_id: str = ""
    program: str = ""
    program_version: str = ""
    tier: str = ""
    scopes: tuple[str, ...] = ()
    stage: int = 0
    checks: Mapping[str, Check] = field(default_factory=lambda: MappingProxyType({}))
    seats: tuple[str, ...] = ()
    recused: frozenset[str] = frozenset()
    vacated: frozenset[str] = frozenset()
    reviews: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    granted: tuple[str, ...] = ()
    grant_id: str = ""
    expires_at: str = ""


def evolve(state: State, event: object) -> State:
    match event:
        case e.Submitted():
            return replace(
                state,
                org_id=event.org_id,
                program=event.program,
                program_version=event.program_version,
                tier=event.tier,
                scopes=event.scopes,
            )
        case e.StageOpened(index=index, stage=stage):
            return replace(state, stage=index, phase=PHASE_OF_STAGE[stage])
        case e.CheckRequested(check=check, round=number):
            return replace(state, checks={**state.checks, check: Check(number)})
        case e.CheckRecorded(check=check, round=number, verdict=verdict):
            return replace(state, checks={**state.checks, check: Check(number, verdict)})
        case e.CheckCleared(check=check):
            cleared = replace(state.checks[check], cleared_by_person=True)
            return replace(state, checks={**state.checks, check: cleared})
        case e.SeatTaken(reviewer=reviewer):
            return replace(state, seats=(*state.seats, reviewer))
        case e.Recused(reviewer=reviewer):
            return replace(
                state,
                seats=tuple(s for s in state.seats if s != reviewer),
                recused=state.recused | {reviewer},
            )
        case e.SeatVacated(reviewer=reviewer):
            return replace(
                state,
                seats=tuple(s for s in state.seats if s != reviewer),
                vacated=state.vacated | {reviewer},
            )
        case e.Reviewed(reviewer=reviewer, recommendation=recommendation):
            return replace(state, reviews={**state.reviews, reviewer: recommendation})
        case e.Decided(outcome=outcome):
            return replace(
                state,
                phase=outcome,
                granted=event.scopes,
                grant_id=event.grant_id,
                expires_at=event.expires_at,
            )
        case e.DecisionSigned():
            return state  # a proof of what is known already
        case e.Withdrawn():
            return replace(state, phase="withdrawn")
    raise TypeError(f"not an application event: {event!r}")
