"""When a reviewer's role or account ends, the seat goes with it, and their given word stays."""

from __future__ import annotations

import pytest

from tests.core.histories import (
    APP,
    DANA,
    MO,
    OPERATOR,
    RAE,
    RAY,
    RIO,
    TEXT,
    Memory,
    decision,
    opinion,
    review,
    staff,
    until,
)
from workflows import visibility
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.erase import Erase
from workflows.account.commands.open import Open
from workflows.actors import Actor
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.vacate_seat import VacateSeat
from workflows.application.events import SeatVacated
from workflows.errors import NotAllowed, NotNow

ADA = staff("ada", "administrator")
ENDS = {"role": (EndRole(RAE.id, "reviewer"), ADA), "account": (Erase(RAE.id, "asked"), OPERATOR)}


@pytest.fixture
def memory() -> Memory:
    """A case in review, and Rae's account with the role."""
    found = until("reviewing")
    found.perform(Open(RAE.id, address=TEXT, name=TEXT), Actor(RAE.id))
    found.perform(Appoint(RAE.id, "reviewer"), OPERATOR)
    return found


@pytest.mark.parametrize("end", sorted(ENDS))
def test_an_unspoken_seat_is_free_at_once(memory: Memory, end: str) -> None:
    """The case was full; with the end of Rae's role or account somebody else may sit, in the same
    transaction, and the quorum is as it was."""
    for who in (RAE, RIO):
        memory.perform(TakeSeat(APP, no_conflict=True), who)
    with pytest.raises(NotNow):
        memory.perform(TakeSeat(APP, no_conflict=True), RAY)
    command, by = ENDS[end]
    events = memory.perform(command, by)
    assert events[-1] == SeatVacated(RAE.id)
    assert memory.state(APP).seats == (RIO.id,)
    review(memory, RIO)
    assert memory.state(APP).phase == "reviewing"
    review(memory, RAY)
    assert memory.state(APP).phase == "deciding"


@pytest.mark.parametrize("end", sorted(ENDS))
def test_a_given_review_stays_counted(memory: Memory, end: str) -> None:
    """Who has spoken has spoken: the seat is theirs, and one more word is enough."""
    review(memory, RAE)
    assert not [e for e in memory.perform(*ENDS[end]) if isinstance(e, SeatVacated)]
    assert memory.perform(VacateSeat(APP, RAE.id), ADA) == ()
    review(memory, RIO)
    memory.perform(decision(memory), DANA)
    assert memory.state(APP).phase == "approved"


def test_nothing_else_is_touched(memory: Memory) -> None:
    """Not by the end of another role, not for who stood back; a reviewer's own seat cannot be
    taken from them this way."""
    memory.perform(Appoint(RAE.id, "intake"), OPERATOR)
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    assert len(memory.perform(EndRole(RAE.id, "intake"), ADA)) == 1
    for by in (ADA, MO, OPERATOR):
        with pytest.raises(NotAllowed) as no:
            memory.perform(VacateSeat(APP, RAE.id), by)
        assert no.value.code == "still_reviewer"
    memory.perform(Recuse(APP, TEXT), RAE)
    assert len(memory.perform(EndRole(RAE.id, "reviewer"), ADA)) == 1
    assert memory.perform(VacateSeat(APP, RAE.id), ADA) == ()


def test_who_held_a_seat_never_decides_the_case(memory: Memory) -> None:
    """A reviewer who becomes decider has read this case; back as reviewer they may sit again."""
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    memory.perform(EndRole(RAE.id, "reviewer"), ADA)
    for who in (RIO, RAY):
        review(memory, who)
    with pytest.raises(NotAllowed) as no:
        memory.perform(decision(memory), Actor(RAE.id, frozenset({"decider"}), {}, RAE.strength))
    assert no.value.code == "reviewed_here"


def test_a_reviewer_again_sits_again(memory: Memory) -> None:
    """The end of a role is no conflict."""
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    memory.perform(EndRole(RAE.id, "reviewer"), ADA)
    memory.perform(Appoint(RAE.id, "reviewer"), OPERATOR)
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    memory.perform(opinion(), RAE)
    assert RAE.id in memory.state(APP).reviews


def test_nobody_learns_who_had_a_seat(memory: Memory) -> None:
    """While the case is blind, not even whoever ended the role sees that a seat became free."""
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    memory.perform(EndRole(RAE.id, "reviewer"), MO)
    state = memory.state(APP)
    for viewer in (MO, ADA, RIO, DANA, staff("aud", "auditor")):
        for stream, by, event in memory.log:
            if stream == APP and isinstance(event, SeatVacated):
                assert not visibility.sees(event, by, state, viewer)
