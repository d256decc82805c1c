"""What a program with few people may relax: by name, while there are too few, and nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import MO, OPERATOR, TEXT, Memory, on_staff, staff, world
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.open import Open
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.events import RecoveryConfirmed, RelaxationUsed, RoleAppointed
from workflows.actors import Actor, robot
from workflows.errors import Invalid, NotAllowed, NotNow
from workflows.installation.commands.relax import Relax
from workflows.installation.commands.restore import Restore
from workflows.installation.small_program import RULES, STREAM
from workflows.words import STATUSES

NEW = "acc_new"
MAX = staff("max", "program_manager")


@pytest.fixture
def memory() -> Memory:
    """A world with somebody new, and Mo's own account."""
    found = world()
    for who in (NEW, MO.id):
        found.perform(Open(who, address=TEXT, name=TEXT), Actor(who))
    found.perform(Appoint(MO.id, "program_manager"), OPERATOR)
    return found


def relax(memory: Memory, rule: str) -> None:
    memory.perform(Relax(STREAM, rule, TEXT), OPERATOR)


def test_the_only_keeper_looks_twice(memory: Memory) -> None:
    """A day after proposing they confirm; the record says by which rule one was enough."""
    relax(memory, "roles_by_one")
    memory.perform(ProposeRole(NEW, "intake"), MO)
    memory.now += timedelta(hours=24, seconds=-1)
    with pytest.raises(NotNow) as early:
        memory.perform(ConfirmRole(NEW, "intake", sole_keeper=True), MO)
    assert early.value.code == "second_look"
    memory.now += timedelta(seconds=1)
    events = memory.perform(ConfirmRole(NEW, "intake", sole_keeper=True), MO)
    assert events == (RelaxationUsed("roles_by_one"), RoleAppointed("intake", MO.id))


@pytest.mark.parametrize("missing", ["rule", "other rule", "sole", "ended"])
def test_without_the_rule_or_with_a_colleague_it_takes_two(memory: Memory, missing: str) -> None:
    """Off by default; another rule says nothing; a second keeper, or its end, closes it."""
    if missing != "rule":
        relax(memory, "emergency_by_one" if missing == "other rule" else "roles_by_one")
    if missing == "ended":
        memory.perform(Restore(STREAM, "roles_by_one"), OPERATOR)
    memory.perform(ProposeRole(NEW, "intake"), MO)
    memory.now += timedelta(days=2)
    with pytest.raises(NotAllowed) as no:
        memory.perform(ConfirmRole(NEW, "intake", sole_keeper=missing != "sole"), MO)
    assert no.value.code == "second_person"
    assert RelaxationUsed("roles_by_one") not in memory.perform(ConfirmRole(NEW, "intake"), MAX)


def test_nobody_gives_themselves_a_role_by_any_rule(memory: Memory) -> None:
    """Neither as proposer nor as the one to confirm, alone or not; nor does an administrator."""
    for rule in RULES:
        relax(memory, rule)
    with pytest.raises(NotAllowed):
        memory.perform(ProposeRole(MO.id, "intake"), MO)
    ada = staff("ada", "administrator")
    on_staff(memory, ada)
    memory.perform(ProposeRole(MO.id, "intake"), ada)
    memory.now += timedelta(days=2)
    for who in (MO, ada):
        with pytest.raises(NotAllowed):
            memory.perform(ConfirmRole(MO.id, "intake", sole_keeper=True), who)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("too_few", [True, False])
def test_two_with_a_common_role_recover_staff(memory: Memory, allowed: bool, too_few: bool) -> None:
    """Only by the rule and only while no other two exist; and it is on record."""
    if allowed:
        relax(memory, "recovery_by_overlapping_staff")
    memory.perform(Appoint(NEW, "reviewer"), OPERATOR)
    memory.perform(ProposeRecovery(NEW, ""), MO)
    command = ConfirmRecovery(NEW, too_few=too_few)
    with pytest.raises(NotAllowed):
        memory.perform(command, MO)  # never one alone
    if not (allowed and too_few):
        with pytest.raises(NotAllowed) as no:
            memory.perform(command, MAX)
        assert no.value.code == "different_roles"
        return
    used, confirmed = memory.perform(command, MAX)
    assert used == RelaxationUsed("recovery_by_overlapping_staff")
    assert isinstance(confirmed, RecoveryConfirmed)


def test_only_the_shell_relaxes_and_only_what_is_named(memory: Memory) -> None:
    """No staff, no robot; and there is no name for quorum, decider or approving oneself."""
    for who in (MO, staff("ada", "administrator"), robot("clock")):
        with pytest.raises(NotAllowed):
            memory.perform(Relax(STREAM, "roles_by_one", TEXT), who)
    for rule in ("reviewers_by_one", "decider_reviews", "own_role", ""):
        with pytest.raises(Invalid):
            relax(memory, rule)
    relax(memory, "roles_by_one")
    assert memory.perform(Relax(STREAM, "roles_by_one", TEXT), OPERATOR) == ()
    assert set(STATUSES["relaxation"]) == set(RULES)
