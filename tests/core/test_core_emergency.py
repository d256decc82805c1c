"""Emergency power: by two, for hours, told to all, reviewed by a third; and it only tightens."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest

from tests.core.histories import (
    GRANT,
    OPERATOR,
    OWNER,
    TEXT,
    Memory,
    staff,
    until,
    world,
)
from workflows import registry, roles
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.open import Open
from workflows.account.staff_roles import STAFF_ROLES
from workflows.actors import Actor, Strength, robot
from workflows.emergency.acts import ACTS
from workflows.emergency.commands.break_glass import MOST_HOURS, BreakGlass
from workflows.emergency.commands.confirm_break_glass import ConfirmBreakGlass
from workflows.emergency.commands.end_break_glass import EndBreakGlass
from workflows.emergency.commands.review_break_glass import ReviewBreakGlass
from workflows.emergency.events import BreakGlassBegan
from workflows.errors import Invalid, NotAllowed, NotNow, StrengthNeeded
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.suspend import Suspend
from workflows.installation.commands.relax import Relax
from workflows.installation.commands.restore import Restore
from workflows.installation.small_program import STREAM

EMG = "emg_1"
INA, AUD, COR = staff("ina", "intake"), staff("aud", "auditor"), staff("cor", "council")
ASK = BreakGlass(EMG, hours=2, reason=TEXT, others=5)


@pytest.fixture
def memory() -> Memory:
    """A world in which Ina has her account and role."""
    found = world()
    found.perform(Open(INA.id, address=TEXT, name=TEXT), Actor(INA.id))
    found.perform(Appoint(INA.id, "intake"), OPERATOR)
    return found


def told(memory: Memory) -> list[str]:
    return [e.payload["what"] for e in memory.effects if e.kind == "send_notice"]


def test_it_begins_with_a_second_person_and_ends_by_itself(memory: Memory) -> None:
    """Asked for it is nothing yet; confirmed it lasts its hours; the clock ends it, not before."""
    memory.perform(ASK, INA)
    assert memory.state(EMG).phase == "waiting"
    with pytest.raises(NotAllowed) as no:
        memory.perform(ConfirmBreakGlass(EMG), INA)
    assert no.value.code == "second_person"
    memory.now += timedelta(minutes=59)
    memory.perform(ConfirmBreakGlass(EMG), AUD)
    (ends,) = [e for e in memory.effects if e.kind == "end_emergency"]
    assert ends.due == memory.state(EMG).until
    memory.now += timedelta(hours=2, seconds=-1)
    with pytest.raises(NotNow):
        memory.perform(EndBreakGlass(EMG), robot("clock"))
    memory.now += timedelta(seconds=1)
    (ended,) = memory.perform(EndBreakGlass(EMG), robot("clock"))
    assert ended.why == "time"
    (reminds,) = [e for e in memory.effects if e.kind == "remind_of_review"]
    assert reminds.due == ended.review_by
    assert told(memory)[-3:] == ["emergency_asked", "emergency_began", "emergency_ended"]


@pytest.mark.parametrize("hours", [0, -1, MOST_HOURS + 1])
def test_it_lasts_four_hours_at_most(memory: Memory, hours: int) -> None:
    """Neither more nor nothing can be asked for."""
    with pytest.raises(Invalid):
        memory.perform(BreakGlass(EMG, hours, TEXT, 5), INA)


def test_nobody_confirms_late_or_for_who_left(memory: Memory) -> None:
    """An hour later it is void, and so it is once the person is of staff no more."""
    memory.perform(ASK, INA)
    memory.perform(BreakGlass("emg_2", 1, TEXT, 5), INA)
    memory.perform(EndRole(INA.id, "intake"), staff("ada", "administrator"))
    with pytest.raises(NotAllowed) as no:
        memory.perform(ConfirmBreakGlass("emg_2"), AUD)
    assert no.value.code == "no_staff"
    memory.now += timedelta(hours=1)
    with pytest.raises(NotNow):
        memory.perform(ConfirmBreakGlass(EMG), AUD)


def test_anybody_of_staff_ends_it_and_turns_it_down(memory: Memory) -> None:
    """Taking power away waits for nobody, and what was turned down never begins."""
    memory.perform(ASK, INA)
    memory.perform(ConfirmBreakGlass(EMG), AUD)
    (ended,) = memory.perform(EndBreakGlass(EMG), COR)
    assert ended.why == "hand"
    memory.perform(BreakGlass("emg_2", 1, TEXT, 5), INA)
    memory.perform(EndBreakGlass("emg_2"), COR)
    with pytest.raises(NotNow):
        memory.perform(ConfirmBreakGlass("emg_2"), AUD)


def test_who_had_a_part_does_not_review(memory: Memory) -> None:
    """Neither of the two writes the finding; a third does, once, and not while it lasts."""
    memory.perform(ASK, INA)
    memory.perform(ConfirmBreakGlass(EMG), AUD)
    finding = ReviewBreakGlass(EMG, "justified", TEXT)
    with pytest.raises(NotNow):
        memory.perform(finding, COR)
    memory.perform(EndBreakGlass(EMG), COR)
    for part in (INA, AUD):
        with pytest.raises(NotAllowed) as no:
            memory.perform(finding, part)
        assert no.value.code == "had_part"
    with pytest.raises(Invalid):
        memory.perform(ReviewBreakGlass(EMG, "fine", TEXT), COR)
    memory.perform(finding, COR)
    assert memory.state(EMG).phase == "reviewed"
    with pytest.raises(NotNow):
        memory.perform(finding, COR)


def test_one_is_enough_where_nobody_else_is_of_staff(memory: Memory) -> None:
    """Then it begins at once, and the record says that there was nobody to ask."""
    _, began = memory.perform(BreakGlass(EMG, 1, TEXT, others=0), INA)
    assert (began.because, began.confirmed_by) == ("nobody_else", "")


def test_one_of_two_is_enough_by_the_setting_alone(memory: Memory) -> None:
    """With one colleague the small program's rule decides; with two it counts for nothing."""
    memory.perform(BreakGlass("emg_2", 1, TEXT, others=1), INA)
    assert memory.state("emg_2").phase == "waiting"
    memory.perform(Relax(STREAM, "emergency_by_one", TEXT), OPERATOR)
    memory.perform(BreakGlass("emg_3", 1, TEXT, others=2), INA)
    assert memory.state("emg_3").phase == "waiting"
    _, began = memory.perform(BreakGlass(EMG, 1, TEXT, others=1), INA)
    assert isinstance(began, BreakGlassBegan)
    assert began.because == "emergency_by_one"
    memory.perform(Restore(STREAM, "emergency_by_one"), OPERATOR)
    memory.perform(BreakGlass("emg_4", 1, TEXT, others=1), INA)
    assert memory.state("emg_4").phase == "waiting"


def test_it_is_for_staff_with_a_passkey_alone(memory: Memory) -> None:
    """No member, no operator, no robot and no mailed link takes or confirms it."""
    for who in (OWNER, OPERATOR, robot("clock"), Actor("acc_x", strength=Strength.PASSKEY)):
        with pytest.raises(NotAllowed):
            memory.perform(ASK, who)
    with pytest.raises(StrengthNeeded):
        memory.perform(ASK, Actor(INA.id, INA.roles, strength=Strength.LINK))
    memory.perform(ASK, INA)
    for who in (OWNER, OPERATOR, robot("clock")):
        with pytest.raises(NotAllowed):
            memory.perform(ConfirmBreakGlass(EMG), who)


def test_what_it_opens_only_tightens() -> None:
    """Over the whole table its row is what is named for it, and no approving verb is among it,
    nor any of those that give back, vet, decide or give a role."""
    rows = {at: row["emergency"] for at, row in roles.TABLE.items() if row.get("emergency")}
    assert rows == roles.EMERGENCY
    verbs = {(kind, verb) for (kind, _), found in rows.items() for verb in found}
    assert not verbs & roles.APPROVING
    giving = {"resume", "decide", "review", "take_seat", "confirm_role", "propose_role", "appoint",
              "clear_check", "approve", "open", "register_credential"}  # fmt: skip
    assert not {verb for _, verb in verbs} & giving
    assert "emergency" not in STAFF_ROLES


def test_whoever_reviews_sees_every_kind_of_act() -> None:
    """For each verb that it opens there is an event among those that the review lists, but for the
    seat that goes with a role."""
    verbs = {(kind, verb) for (kind, _), found in roles.EMERGENCY.items() for verb in found}
    made = set()
    for kind, verb in verbs - {("application", "vacate_seat")}:
        module = import_module(f"workflows.{kind}.commands.{verb}")
        events = registry.aggregates()[kind].events
        made |= {(kind, name) for name in events if hasattr(module, name)}
    assert made == ACTS


def test_with_it_a_grant_is_stopped_and_not_given_back() -> None:
    """An auditor with emergency power suspends and revokes, and cannot resume."""
    memory = until("granted")
    power = Actor(AUD.id, AUD.roles | {"emergency"}, strength=Strength.PASSKEY)
    with pytest.raises(NotAllowed):
        memory.perform(Suspend(GRANT, "error"), AUD)
    memory.perform(Suspend(GRANT, "error"), power)
    with pytest.raises(NotAllowed):
        memory.perform(Resume(GRANT), power)
    memory.perform(Revoke(GRANT, "error"), power)
