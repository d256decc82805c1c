"""Recovery: two people, a day, everybody told, and whoever it is about can stop it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import ORG, OWNER, TEXT, Memory, join, staff, world
from workflows import calendar
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.cancel_recovery import CancelRecovery
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.open import Open
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.recovery import DELAY, WAITS
from workflows.actors import Actor, Strength, operator, robot
from workflows.errors import Conflict, NotAllowed, NotNow, Refused, StrengthNeeded
from workflows.organization.commands.change_role import ChangeRole

LOST, CLOCK = "acc_lost", robot("clock")
ADMIN, MANAGER = staff("ada", "administrator"), staff("mo", "program_manager")
OTHER_ADMIN = staff("abe", "administrator")


def second(role: str = "admin", strength: Strength = Strength.PASSKEY) -> Actor:
    return Actor("acc_second", memberships={ORG: frozenset({role})}, strength=strength)


def lost() -> Memory:
    """A member with a passkey that is gone, an organization with two who look after it, and
    staff with accounts."""
    memory = world()
    for name in (LOST, OWNER.id, "acc_second", "acc_member", ADMIN.id, MANAGER.id, OTHER_ADMIN.id):
        memory.perform(Open(name, TEXT, TEXT), Actor(name))
    key = AddPasskey(LOST, "gone", "cose", "", backup_eligible=True, label=TEXT)
    memory.perform(key, Actor(LOST, strength=Strength.LINK))
    for account, role in ((ADMIN.id, "administrator"), (OTHER_ADMIN.id, "administrator"),
                          (MANAGER.id, "program_manager")):  # fmt: skip
        memory.perform(Appoint(account, role), operator("tests"))
    join(memory, LOST)
    join(memory, "acc_second", "admin")
    return memory


def test_two_admins_and_a_day() -> None:
    """Not a moment before its day is over; then no passkey is left, and sessions end."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    memory.perform(ConfirmRecovery(LOST), second())
    job = memory.effects[-2]
    assert (job.kind, job.due) == ("complete_recovery", calendar.iso(memory.now + DELAY))
    memory.now += DELAY - timedelta(microseconds=1)
    with pytest.raises(NotNow):
        memory.perform(CompleteRecovery(LOST), CLOCK)
    assert memory.state(LOST).passkeys
    memory.now += timedelta(microseconds=1)
    memory.perform(CompleteRecovery(LOST), CLOCK)
    assert memory.state(LOST).passkeys == ()
    assert [e.kind for e in memory.effects[-2:]] == ["end_sessions", "send_notice"]
    assert memory.perform(CompleteRecovery(LOST), CLOCK) == ()


def test_one_person_is_not_two() -> None:
    """Neither the proposer, nor the person, nor a plain member, nor an outsider confirms."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    plain = Actor("acc_member", memberships={ORG: frozenset({"member"})}, strength=Strength.PASSKEY)
    for who in (OWNER, Actor(LOST, strength=Strength.PASSKEY), plain, MANAGER,
                Actor("acc_else", strength=Strength.PASSKEY)):  # fmt: skip
        with pytest.raises(NotAllowed):
            memory.perform(ConfirmRecovery(LOST), who)
    with pytest.raises(StrengthNeeded):
        memory.perform(ConfirmRecovery(LOST), second(strength=Strength.TOTP))
    assert memory.state(LOST).recovery.due == ""


def test_membership_is_the_ledgers_not_the_sessions() -> None:
    """Somebody whose admin role was taken since they signed in proposes nothing, and what they
    had proposed before can no longer be confirmed."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), second())
    memory.perform(ChangeRole(ORG, "acc_second", "member"), OWNER)
    with pytest.raises(NotNow):
        memory.perform(ConfirmRecovery(LOST), OWNER)
    memory.perform(CancelRecovery(LOST), OWNER)
    with pytest.raises(NotAllowed):
        memory.perform(ProposeRecovery(LOST, ORG), second())


def test_admins_recover_their_own_members_alone() -> None:
    """A person of another organization, or of none, is out of their reach."""
    memory = lost()
    memory.perform(Open("acc_alone", TEXT, TEXT), Actor("acc_alone"))
    with pytest.raises(NotAllowed):
        memory.perform(ProposeRecovery("acc_alone", ORG), OWNER)
    with pytest.raises(NotAllowed) as no:
        memory.perform(ProposeRecovery(LOST, ORG, elsewhere=True), OWNER)
    assert no.value.code == "belongs_elsewhere"
    memory.perform(ChangeRole(ORG, LOST, "guest"), OWNER)
    with pytest.raises(NotAllowed):
        memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    memory.perform(ProposeRecovery(LOST, "", elsewhere=True), MANAGER)


@pytest.mark.parametrize("who", ["themselves", "admin", "staff"])
def test_it_is_stopped_by_whoever_has_a_say(who: str) -> None:
    """The person with a mailed link, an admin, or staff; afterwards its day brings nothing."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    memory.perform(ConfirmRecovery(LOST), second())
    by = {"themselves": Actor(LOST, strength=Strength.LINK), "admin": OWNER, "staff": MANAGER}[who]
    with pytest.raises(NotAllowed):
        memory.perform(CancelRecovery(LOST), Actor("acc_member", strength=Strength.PASSKEY))
    memory.perform(CancelRecovery(LOST), by)
    memory.now += DELAY
    assert memory.perform(CompleteRecovery(LOST), CLOCK) == ()
    assert memory.state(LOST).passkeys == ("gone",)
    with pytest.raises(Refused):
        memory.perform(CancelRecovery(LOST), by)


def test_a_proposal_waits_a_week_and_there_is_one_at_a_time() -> None:
    """To the moment; then it is proposed anew."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    with pytest.raises(Conflict):
        memory.perform(ProposeRecovery(LOST, ""), MANAGER)
    memory.now += WAITS
    with pytest.raises(NotNow):
        memory.perform(ConfirmRecovery(LOST), second())
    memory.perform(ProposeRecovery(LOST, ""), MANAGER)
    memory.perform(ConfirmRecovery(LOST), ADMIN)
    memory.now += timedelta(days=30)  # confirmed, it does not expire
    with pytest.raises(Conflict):
        memory.perform(ProposeRecovery(LOST, ORG), OWNER)


def test_staff_are_recovered_by_two_different_roles() -> None:
    """Two administrators do not do, nor two admins of an organization of theirs."""
    memory = lost()
    join(memory, ADMIN.id)
    with pytest.raises(NotAllowed) as no:
        memory.perform(ProposeRecovery(ADMIN.id, ORG), OWNER)
    assert no.value.code == "staff_recovery"
    colleague = staff("another", "administrator")
    memory.perform(Open(colleague.id, TEXT, TEXT), Actor(colleague.id))
    memory.perform(Appoint(colleague.id, "administrator"), operator("tests"))
    memory.perform(ProposeRecovery(ADMIN.id, ""), OTHER_ADMIN)
    with pytest.raises(NotAllowed) as same:
        memory.perform(ConfirmRecovery(ADMIN.id), colleague)
    assert same.value.code == "different_roles"
    memory.perform(ConfirmRecovery(ADMIN.id), MANAGER)


def test_a_first_who_lost_the_role_counts_no_longer() -> None:
    """Between the two words the proposer left the staff."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ""), OTHER_ADMIN)
    memory.perform(EndRole(OTHER_ADMIN.id, "administrator"), MANAGER)
    with pytest.raises(NotNow):
        memory.perform(ConfirmRecovery(LOST), MANAGER)


def test_nobody_else_completes_it() -> None:
    """Only the clock: neither of the two, nor the operator."""
    memory = lost()
    memory.perform(ProposeRecovery(LOST, ORG), OWNER)
    memory.perform(ConfirmRecovery(LOST), second())
    memory.now += DELAY
    for who in (OWNER, second(), MANAGER, operator("tests")):
        with pytest.raises(Refused):
            memory.perform(CompleteRecovery(LOST), who)
