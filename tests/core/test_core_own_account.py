"""One's own account: changing the address and undoing it, names of passkeys, being forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import (
    APP,
    ORG,
    OWNER,
    TEXT,
    Memory,
    join,
    staff,
    until,
    world,
)  # fmt: skip
from workflows import calendar
from workflows.account import events as e
from workflows.account.addresses import UNDO
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.allow_mailed_links import AllowMailedLinks
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.ask_erasure import AskErasure
from workflows.account.commands.change_address import ChangeAddress
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.erase import Erase
from workflows.account.commands.open import Open
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.register_automation import RegisterAutomation
from workflows.account.commands.rename_passkey import RenamePasskey
from workflows.account.commands.set_password import SetPassword
from workflows.account.commands.take_back_erasure import TakeBackErasure
from workflows.account.commands.undo_address_change import UndoAddressChange
from workflows.account.erasure import OWN_WISH, REMIND, WAIT
from workflows.actors import Actor, Strength, operator, robot
from workflows.application.commands.withdraw_of_closed import WithdrawOfClosed
from workflows.errors import (
    Conflict,
    NotAllowed,
    NotFound,
    NotNow,
    Refused,
    StrengthNeeded,
)  # fmt: skip
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.drop_erased import DropErased
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.remove_member import RemoveMember
from workflows.vaulted import Vaulted

PAT, CLOCK = "acc_pat", robot("clock")
OLD, NEW = Vaulted("vlt_old", "0" * 64), Vaulted("vlt_new", "1" * 64)


def pat(strength: Strength = Strength.PASSKEY, **more: object) -> Actor:
    return Actor(PAT, strength=strength, **more)


def opened(*passkeys: str) -> Memory:
    memory = Memory()
    memory.perform(Open(PAT, OLD, TEXT), pat())
    for passkey in passkeys:
        memory.perform(AddPasskey(PAT, passkey, "cose", "", True, TEXT), pat())
    return memory


def test_a_change_names_both_addresses_and_can_be_undone_for_a_week() -> None:
    """The new address counts at once; the former one is forgotten a week later, by a job."""
    memory = opened("key")
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    state, until_ = memory.state(PAT), calendar.iso(memory.now + UNDO)
    assert (state.address, state.address_change) == (NEW, "chg_1")
    jobs = {job.kind: job for job in memory.effects[-3:]}
    assert set(jobs) == {"send_undo", "forget_address", "send_notice"}
    assert jobs["forget_address"].due == until_
    assert jobs["forget_address"].payload["item"] == OLD.id
    memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))
    state = memory.state(PAT)
    assert (state.address, state.address_change, state.links_held) == (OLD, "", True)


def test_who_has_a_passkey_or_a_password_uses_it_to_change() -> None:
    """A mailed link changes the address of an account that has nothing stronger, and no other."""
    change = ChangeAddress(PAT, "chg_1", NEW)
    with pytest.raises(StrengthNeeded):
        opened("key").perform(change, pat(Strength.TOTP))
    with_password = opened()
    codes = tuple(f"rec_{n}" for n in range(10))
    with_password.perform(SetPassword(PAT, "sec_1", codes), pat(Strength.LINK))
    with pytest.raises(StrengthNeeded):
        with_password.perform(change, pat(Strength.LINK))
    with_password.perform(change, pat(Strength.TOTP))
    opened().perform(change, pat(Strength.LINK))
    with pytest.raises(NotAllowed):
        opened().perform(change, Actor("acc_else", strength=Strength.PASSKEY))


def test_one_change_a_week() -> None:
    """A thief cannot put the first change out of reach by a second one; to the moment."""
    memory = opened("key")
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    memory.now += UNDO - timedelta(microseconds=1)
    with pytest.raises(NotNow) as no:
        memory.perform(ChangeAddress(PAT, "chg_2", TEXT), pat())
    assert no.value.code == "changed_lately"
    memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))
    memory.perform(ChangeAddress(PAT, "chg_2", TEXT), pat())
    memory.now += UNDO
    for change in ("chg_1", "chg_2"):
        with pytest.raises(NotNow):
            memory.perform(UndoAddressChange(PAT, change), pat(Strength.NONE))
    memory.perform(ChangeAddress(PAT, "chg_3", NEW), pat())


def test_undoing_ends_ways_in_and_gives_none() -> None:
    """What is doubtful goes, with every automation; what was there before stays, and a name that
    is not the account's takes nothing away."""
    memory = opened("old", "new")
    memory.perform(RegisterAutomation(PAT, "aut_1", "jkt", {}, TEXT, ("grants:read",), 30), pat())
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    memory.perform(UndoAddressChange(PAT, "chg_1", ("new", "made-up", "")), pat(Strength.NONE))
    state = memory.state(PAT)
    assert (state.passkeys, dict(state.automations)) == (("old",), {})
    assert "end_sessions" in {job.kind for job in memory.effects[-4:]}
    with pytest.raises(NotNow):
        memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))


def test_held_links_come_back_by_more_than_a_link() -> None:
    """By the person's own word, or by two people who recover the account."""
    memory = opened("key")
    with pytest.raises(NotNow):
        memory.perform(AllowMailedLinks(PAT), pat())
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))
    with pytest.raises(StrengthNeeded):
        memory.perform(AllowMailedLinks(PAT), pat(Strength.LINK))
    with pytest.raises(NotAllowed):
        memory.perform(AllowMailedLinks(PAT), Actor("acc_else", strength=Strength.PASSKEY))
    memory.perform(AllowMailedLinks(PAT), pat(Strength.TOTP))
    assert not memory.state(PAT).links_held


def test_undoing_takes_an_erasure_back() -> None:
    """Its mails went to the thief's address; there is nothing to take back else."""
    memory = opened("key")
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    memory.perform(AskErasure(PAT), pat())
    found = memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))
    assert e.ErasureTakenBack() in found
    memory.now += WAIT
    assert memory.perform(Erase(PAT), CLOCK) == ()


def keepers(memory: Memory) -> tuple[Actor, Actor]:
    found = staff("mo", "program_manager"), staff("ada", "administrator")
    for who in found:
        memory.perform(Open(who.id, TEXT, TEXT), who)
        memory.perform(Appoint(who.id, *who.roles), operator("tests"))
    return found


def test_a_recovery_keeps_the_address_where_it_is() -> None:
    """It ends in a mailed link: whoever is in the account cannot lead that elsewhere meanwhile.
    Once it happened, links sign in again, also where they were held."""
    memory = opened("key")
    memory.perform(ChangeAddress(PAT, "chg_1", NEW), pat())
    memory.perform(UndoAddressChange(PAT, "chg_1"), pat(Strength.NONE))
    one, two = keepers(memory)
    memory.perform(ProposeRecovery(PAT, ""), one)
    with pytest.raises(NotNow) as no:
        memory.perform(ChangeAddress(PAT, "chg_2", NEW), pat())
    assert no.value.code == "recovery_under_way"
    memory.perform(ConfirmRecovery(PAT), two)
    memory.now += timedelta(days=1)
    memory.perform(CompleteRecovery(PAT), CLOCK)
    assert not memory.state(PAT).links_held


def test_a_passkey_is_renamed_by_its_person() -> None:
    """With a passkey; nobody else's, and none that is not there."""
    memory = opened("key")
    memory.perform(RenamePasskey(PAT, "key", NEW), pat())
    assert memory.state(PAT).passkeys == ("key",)
    with pytest.raises(StrengthNeeded):
        memory.perform(RenamePasskey(PAT, "key", NEW), pat(Strength.LINK))
    for passkey, who in (("gone", pat()), ("key", Actor("acc_x", strength=Strength.PASSKEY))):
        with pytest.raises(NotFound):
            memory.perform(RenamePasskey(PAT, passkey, NEW), who)


def test_an_erasure_waits_a_week_and_is_told_of_twice() -> None:
    """Not a moment earlier, by the clock alone; a mail at once and one the day before."""
    memory = opened("key")
    with pytest.raises(StrengthNeeded):
        memory.perform(AskErasure(PAT), pat(Strength.TOTP))
    memory.perform(AskErasure(PAT), pat())
    due = calendar.iso(memory.now + WAIT)
    jobs = {job.kind: job.due for job in memory.effects[-3:]}
    assert jobs["complete_erasure"] == due
    assert jobs["remind_erasure"] == calendar.iso(memory.now + WAIT - REMIND)
    with pytest.raises(Conflict):
        memory.perform(AskErasure(PAT), pat())
    memory.now += WAIT - timedelta(microseconds=1)
    with pytest.raises(NotNow):
        memory.perform(Erase(PAT), CLOCK)
    with pytest.raises(Refused):
        memory.perform(Erase(PAT), pat())
    memory.now += timedelta(microseconds=1)
    assert memory.perform(Erase(PAT), CLOCK) == (e.Erased(OWN_WISH),)
    assert memory.effects[-1].kind == "forget_person"
    with pytest.raises(NotNow):
        memory.perform(Erase(PAT), CLOCK)


def test_taken_back_it_does_not_happen() -> None:
    """A mailed link is enough to take it back; nobody else can; the day then brings nothing."""
    memory = opened("key")
    memory.perform(AskErasure(PAT), pat())
    with pytest.raises(NotAllowed):
        memory.perform(TakeBackErasure(PAT), Actor("acc_else", strength=Strength.PASSKEY))
    memory.perform(TakeBackErasure(PAT), pat(Strength.LINK))
    memory.now += WAIT
    assert memory.perform(Erase(PAT), CLOCK) == ()
    with pytest.raises(NotNow):
        memory.perform(TakeBackErasure(PAT), pat())


def test_staff_and_owners_of_others_hand_over_first() -> None:
    """Asked for, it is refused in words; come up in the week, it stops and says why."""
    memory = opened("key")
    memory.perform(Appoint(PAT, "intake"), operator("tests"))
    with pytest.raises(NotNow) as no:
        memory.perform(AskErasure(PAT), pat(roles=frozenset({"intake"})))
    assert no.value.code == "staff_cannot_be_erased"
    memory = world()
    memory.perform(Open(OWNER.id, OLD, TEXT), OWNER)
    with pytest.raises(NotNow) as no:
        memory.perform(AskErasure(OWNER.id, (ORG,)), OWNER)
    assert no.value.code == "owner_cannot_be_erased"
    memory = opened("key")
    memory.perform(AskErasure(PAT), pat())
    memory.perform(Appoint(PAT, "intake"), operator("tests"))
    memory.now += WAIT
    assert memory.perform(Erase(PAT), CLOCK) == (e.ErasureStopped("staff"),)
    assert (memory.state(PAT).phase, memory.state(PAT).erasure_due) == ("open", "")


def test_memberships_end_with_the_erasure_itself() -> None:
    """In one decision: the member is out, and asked for by nobody's word but the ledger's."""
    memory = world()
    memory.perform(Open(PAT, OLD, TEXT), pat())
    join(memory, PAT)
    memory.perform(AskErasure(PAT, (ORG,)), pat())
    with pytest.raises(NotNow):
        memory.perform(DropErased(ORG, PAT), CLOCK)
    with pytest.raises(NotAllowed):
        memory.perform(DropErased(ORG, PAT), OWNER)
    memory.now += WAIT
    memory.perform(Erase(PAT, organizations=(ORG,)), CLOCK)
    assert PAT not in memory.state(ORG).members
    assert memory.state(ORG).phase == "active"


def test_an_organization_of_nobody_is_closed() -> None:
    """Its application is taken back, its domain and invitation given up, and it does nothing any
    more; an organization in which somebody is left takes back its applications itself."""
    memory = until("reviewing")
    memory.perform(Open(OWNER.id, OLD, TEXT), OWNER)
    with pytest.raises(NotNow):
        memory.perform(WithdrawOfClosed(APP), CLOCK)
    for member in set(memory.state(ORG).members) - {OWNER.id}:
        memory.perform(RemoveMember(ORG, member), OWNER)
    memory.perform(ClaimDomain(ORG, "cert.example", "t", calendar.iso(memory.now + WAIT)), OWNER)
    end = calendar.iso(memory.now + timedelta(days=9))
    memory.perform(Invite(ORG, "inv_new", TEXT, "member", end), OWNER)
    memory.perform(AskErasure(OWNER.id, (ORG,)), OWNER)
    memory.now += WAIT
    memory.perform(Erase(OWNER.id, organizations=(ORG,)), CLOCK)
    org = memory.state(ORG)
    assert (org.phase, dict(org.members), dict(org.domains), dict(org.invitations)) == (
        "closed", {}, {}, {}
    )  # fmt: skip
    assert memory.state(APP).phase == "withdrawn"
    with pytest.raises(Refused):
        memory.perform(Invite(ORG, "inv_2", TEXT, "member", end), OWNER)


def test_an_operators_word_leaves_grants_to_the_robot() -> None:
    """The shell has no say in grants: it erases, and the clock ends memberships after it."""
    memory = world()
    memory.perform(Open(PAT, OLD, TEXT), pat())
    join(memory, PAT)
    memory.perform(Erase(PAT, "asked by letter"), operator("tests"))
    assert PAT in memory.state(ORG).members
    memory.perform(DropErased(ORG, PAT), CLOCK)
    assert PAT not in memory.state(ORG).members
    assert memory.perform(DropErased(ORG, PAT), CLOCK) == ()


def test_the_owner_of_others_stays_named_after_an_operators_word() -> None:
    """Staff find the organization an owner; it is not left without one."""
    memory = world()
    memory.perform(Open(OWNER.id, OLD, TEXT), OWNER)
    memory.perform(Erase(OWNER.id, "asked by letter"), operator("tests"))
    assert memory.perform(DropErased(ORG, OWNER.id), CLOCK) == ()
    assert memory.state(ORG).members[OWNER.id] == "owner"
