"""Removing a passkey: one's own, with a passkey, and never the last."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import MO, OPERATOR, TEXT, Memory, on_staff, staff, world
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.open import Open
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.remove_passkey import RemovePasskey
from workflows.account.events import RoleAppointed
from workflows.account.staff_roles import STAFF_ROLES
from workflows.actors import Actor, Strength, robot
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow, StrengthNeeded

PAT = Actor("acc_pat", strength=Strength.PASSKEY)


@pytest.fixture
def memory() -> Memory:
    """A person with two passkeys."""
    found = world()
    found.perform(Open(PAT.id, address=TEXT, name=TEXT), PAT)
    for name in ("one", "two"):
        found.perform(AddPasskey(PAT.id, name, "cose", "00", False, TEXT), PAT)
    return found


def test_one_of_two_is_removed_and_the_last_one_stays(memory: Memory) -> None:
    """What is gone is gone once, its person is told, and the other cannot follow."""
    memory.perform(RemovePasskey(PAT.id, "one"), PAT)
    assert memory.state(PAT.id).passkeys == ("two",)
    assert "passkey_removed" in {e.payload.get("what") for e in memory.effects}
    with pytest.raises(NotFound):
        memory.perform(RemovePasskey(PAT.id, "one"), PAT)
    with pytest.raises(NotNow) as no:
        memory.perform(RemovePasskey(PAT.id, "two"), PAT)
    assert no.value.code == "last_passkey"
    memory.perform(AddPasskey(PAT.id, "three", "cose", "00", False, TEXT), PAT)
    memory.perform(RemovePasskey(PAT.id, "two"), PAT)
    assert memory.state(PAT.id).passkeys == ("three",)


def test_nobody_else_and_no_mailed_link_removes_one(memory: Memory) -> None:
    """Neither another person nor whoever reads the person's mail."""
    with pytest.raises(NotAllowed):
        memory.perform(RemovePasskey(PAT.id, "one"), Actor("acc_kim", strength=Strength.PASSKEY))
    with pytest.raises(StrengthNeeded):
        memory.perform(RemovePasskey(PAT.id, "one"), Actor(PAT.id, strength=Strength.LINK))
    assert memory.state(PAT.id).passkeys == ("one", "two")


@pytest.mark.parametrize("role", ["decider", "administrator"])
def test_who_decides_adds_no_synced_passkey(memory: Memory, role: str) -> None:
    """A synced passkey is refused to them, a bound one is taken, and others may have both."""
    synced = AddPasskey(PAT.id, "synced", "cose", "00", True, TEXT)
    bound = AddPasskey(PAT.id, "bound", "cose", "00", False, TEXT)
    memory.perform(Appoint(PAT.id, role), OPERATOR)
    with pytest.raises(Invalid) as no:
        memory.perform(synced, PAT)
    assert no.value.code == "passkey_synced"
    memory.perform(bound, PAT)
    memory.perform(EndRole(PAT.id, role), staff("ada", "administrator"))
    memory.perform(synced, PAT)
    assert memory.state(PAT.id).passkeys == ("one", "two", "bound", "synced")


ADA = staff("ada", "administrator")


@pytest.mark.parametrize("role", ["decider", "administrator"])
def test_a_synced_passkey_from_before_stands_in_the_way(memory: Memory, role: str) -> None:
    """Neither the shell nor two people give such a role to whoever could use it from a copy; once
    that passkey is removed both can, though others that stay in their device remain."""
    memory.perform(AddPasskey(PAT.id, "synced", "cose", "00", True, TEXT), PAT)
    on_staff(memory, ADA)
    memory.perform(ProposeRole(PAT.id, role), ADA)
    for command, actor in ((ConfirmRole(PAT.id, role), MO), (Appoint(PAT.id, role), OPERATOR)):
        with pytest.raises(NotNow) as no:
            memory.perform(command, actor)
        assert no.value.code == "passkey_synced"
        assert "remove" in no.value.remedy
    assert memory.state(PAT.id).roles == frozenset()
    memory.perform(RemovePasskey(PAT.id, "synced"), PAT)
    memory.perform(ConfirmRole(PAT.id, role), MO)
    assert memory.state(PAT.id).roles == {role}


def test_other_roles_go_with_a_synced_passkey(memory: Memory) -> None:
    """The rule is for those who decide and administer alone."""
    memory.perform(AddPasskey(PAT.id, "synced", "cose", "00", True, TEXT), PAT)
    for role in sorted(set(STAFF_ROLES) - {"decider", "administrator"}):
        (given,) = memory.perform(Appoint(PAT.id, role), OPERATOR)
        assert isinstance(given, RoleAppointed)
        memory.perform(EndRole(PAT.id, role), ADA)


def test_a_recovery_takes_the_synced_passkey_along(memory: Memory) -> None:
    """After it nothing synced is left to stand in the way."""
    memory.perform(AddPasskey(PAT.id, "synced", "cose", "00", True, TEXT), PAT)
    memory.perform(Open(ADA.id, address=TEXT, name=TEXT), Actor(ADA.id))
    memory.perform(Appoint(ADA.id, "administrator"), OPERATOR)
    memory.perform(ProposeRecovery(PAT.id, ""), ADA)
    memory.perform(ConfirmRecovery(PAT.id), MO)
    memory.now += timedelta(hours=24)
    memory.perform(CompleteRecovery(PAT.id), robot("clock"))
    memory.perform(Appoint(PAT.id, "decider"), OPERATOR)
    assert memory.state(PAT.id).roles == {"decider"}
