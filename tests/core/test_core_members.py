"""Membership: nobody joins unasked, nobody owns alone for ever, and who leaves takes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.core.histories import (
    APP,
    GRANT,
    ORG,
    OWNER,
    RAE,
    TEXT,
    Memory,
    join,
    pass_checks,
    staff,
    submission,
    until,
    world,
)
from workflows import calendar
from workflows.actors import Actor, Strength
from workflows.application.commands.take_seat import TakeSeat
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow, Refused, StrengthNeeded
from workflows.grant.commands.drop_holder import DropHolder
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.decline_invitation import DeclineInvitation
from workflows.organization.commands.invite import MOST_WAITING, Invite
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.resend_invitation import ResendInvitation
from workflows.organization.commands.withdraw_invitation import WithdrawInvitation
from workflows.organization.commands.withdraw_ownership_offer import WithdrawOwnershipOffer

NEW = Actor("acc_new", strength=Strength.PASSKEY)


def member(memory: Memory, account: str, strength: Strength = Strength.PASSKEY) -> Actor:
    """The person with the role that they have now."""
    role = memory.state(ORG).members.get(account)
    return Actor(account, memberships={ORG: frozenset({role})} if role else {}, strength=strength)


def invite(memory: Memory, name: str = "inv_1", role: str = "member", days: int = 7) -> None:
    end = calendar.iso(memory.now + timedelta(days=days))
    memory.perform(Invite(ORG, name, TEXT, role, end), OWNER)


def register(number: int) -> RegisterCredential:
    return RegisterCredential(GRANT, f"cred_{number}", f"jkt{number}", {"kty": "EC"}, TEXT)


def test_an_invitation_makes_nobody_a_member() -> None:
    """Only the acceptance does, once, in the role that was offered."""
    memory = world()
    invite(memory, role="admin")
    assert NEW.id not in memory.state(ORG).members
    memory.perform(AcceptInvitation(ORG, "inv_1"), NEW)
    assert memory.state(ORG).members[NEW.id] == "admin"
    with pytest.raises(NotFound):
        memory.perform(AcceptInvitation(ORG, "inv_1"), staff("thief"))


@pytest.mark.parametrize("ending", [WithdrawInvitation, DeclineInvitation])
def test_an_invitation_that_ended_cannot_be_accepted(ending: Any) -> None:
    """Withdrawn or declined, it is as if it had never been."""
    memory = world()
    invite(memory)
    memory.perform(ending(ORG, "inv_1"), OWNER)
    for late in (AcceptInvitation(ORG, "inv_1"), ending(ORG, "inv_1")):
        with pytest.raises(NotFound):
            memory.perform(late, OWNER)


def test_an_invitation_ends_and_can_be_sent_again() -> None:
    """At its end to the second it is refused in words; sent again it can be accepted."""
    memory = world()
    invite(memory, days=7)
    memory.now += timedelta(days=7)
    with pytest.raises(NotNow) as no:
        memory.perform(AcceptInvitation(ORG, "inv_1"), NEW)
    assert no.value.code == "invitation_expired"
    end = calendar.iso(memory.now + timedelta(seconds=1))
    memory.perform(ResendInvitation(ORG, "inv_1", end), OWNER)
    memory.perform(AcceptInvitation(ORG, "inv_1"), NEW)
    with pytest.raises(NotFound):
        memory.perform(ResendInvitation(ORG, "inv_1", end), OWNER)


def test_invitations_that_wait_are_bounded() -> None:
    """The one too many is refused; those that expired make room."""
    memory = world()
    for number in range(MOST_WAITING):
        invite(memory, f"inv_{number}", days=1)
    with pytest.raises(NotNow) as no:
        invite(memory, "inv_more")
    assert no.value.code == "too_many_invitations"
    memory.now += timedelta(days=1)
    invite(memory, "inv_more")


@pytest.mark.parametrize("role", ["owner", "emperor", ""])
def test_only_roles_that_exist_are_given(role: str) -> None:
    """Neither an invitation nor a change makes an owner or something unknown."""
    memory = world()
    for command in (
        Invite(ORG, "inv_1", TEXT, role, calendar.iso(memory.now + timedelta(days=1))),
        ChangeRole(ORG, "acc_member", role),
    ):
        with pytest.raises(Invalid):
            memory.perform(command, OWNER)


def test_a_role_changes_but_not_the_owners() -> None:
    """An admin changes a member's role; the owner's and a stranger's stay out of reach."""
    memory = world()
    memory.perform(ChangeRole(ORG, "acc_member", "security_contact"), OWNER)
    assert memory.state(ORG).members["acc_member"] == "security_contact"
    assert memory.perform(ChangeRole(ORG, "acc_member", "security_contact"), OWNER) == ()
    join(memory, "acc_admin", "admin")
    with pytest.raises(Invalid):
        memory.perform(ChangeRole(ORG, OWNER.id, "member"), member(memory, "acc_admin"))
    with pytest.raises(NotFound):
        memory.perform(ChangeRole(ORG, "acc_nobody", "member"), OWNER)
    with pytest.raises(NotAllowed):
        memory.perform(ChangeRole(ORG, "acc_member", "admin"), member(memory, "acc_member"))


@pytest.mark.parametrize(
    "command",
    [Invite(ORG, "inv_9", TEXT, "member", "2026-12-01T00:00:00.000000Z"),
     ChangeRole(ORG, "acc_member", "admin"), RemoveMember(ORG, "acc_member"),
     OfferOwnership(ORG, "acc_member")],
)  # fmt: skip
def test_a_mailed_link_does_not_manage_members(command: Any) -> None:
    """Whoever reads the owner's mail can neither add, change, remove nor hand over."""
    memory = world()
    with pytest.raises(StrengthNeeded):
        memory.perform(command, member(memory, OWNER.id, Strength.LINK))


def test_ownership_takes_two_people() -> None:
    """The offer changes nothing; the acceptance of just that member changes both roles."""
    memory = world()
    join(memory, "acc_other")
    memory.perform(OfferOwnership(ORG, "acc_member"), OWNER)
    assert memory.state(ORG).members[OWNER.id] == "owner"
    with pytest.raises(NotNow) as no:
        memory.perform(AcceptOwnership(ORG), member(memory, "acc_other"))
    assert no.value.code == "not_offered"
    memory.perform(AcceptOwnership(ORG), member(memory, "acc_member"))
    after = memory.state(ORG)
    assert (after.members[OWNER.id], after.members["acc_member"]) == ("admin", "owner")
    assert after.offered_to == ""
    with pytest.raises(NotAllowed):
        memory.perform(OfferOwnership(ORG, "acc_other"), member(memory, OWNER.id))


def test_an_offer_of_ownership_ends() -> None:
    """Withdrawn, or with the leaving of whom it was made to, it can no longer be accepted."""
    memory = world()
    memory.perform(OfferOwnership(ORG, "acc_member"), OWNER)
    memory.perform(WithdrawOwnershipOffer(ORG), OWNER)
    assert memory.perform(WithdrawOwnershipOffer(ORG), OWNER) == ()
    with pytest.raises(NotNow):
        memory.perform(AcceptOwnership(ORG), member(memory, "acc_member"))
    memory.perform(OfferOwnership(ORG, "acc_member"), OWNER)
    memory.perform(Leave(ORG), member(memory, "acc_member"))
    join(memory, "acc_member")
    with pytest.raises(NotNow):
        memory.perform(AcceptOwnership(ORG), member(memory, "acc_member"))


def test_an_offer_is_to_another_member() -> None:
    """Neither oneself nor a stranger is offered the organization."""
    memory = world()
    with pytest.raises(Invalid):
        memory.perform(OfferOwnership(ORG, OWNER.id), OWNER)
    with pytest.raises(NotFound):
        memory.perform(OfferOwnership(ORG, "acc_nobody"), OWNER)


@pytest.mark.parametrize("by_themselves", [True, False])
def test_who_goes_takes_their_keys_along(by_themselves: bool) -> None:
    """Leaving and removal revoke the keys in that name, in one step, and nobody else's."""
    memory = until("granted")
    join(memory, "acc_admin", "admin")
    admin = member(memory, "acc_admin")
    memory.perform(register(1), admin)
    memory.perform(register(2), OWNER)
    memory.perform(register(3), admin)
    if by_themselves:
        memory.perform(Leave(ORG), admin)
    else:
        memory.perform(RemoveMember(ORG, "acc_admin"), OWNER)
    assert memory.state(GRANT).live_credentials == ("cred_2",)
    assert {e.kind for e in memory.effects} >= {"end_sessions", "send_notice"}
    with pytest.raises(Refused):
        memory.perform(register(4), admin)  # their request was on its way with the old role


def test_the_owner_cannot_go() -> None:
    """Neither by leaving nor by being removed: the organization would be nobody's."""
    memory = world()
    join(memory, "acc_admin", "admin")
    for command, by in ((Leave(ORG), OWNER), (RemoveMember(ORG, OWNER.id), "acc_admin")):
        with pytest.raises(Invalid):
            memory.perform(command, by if isinstance(by, Actor) else member(memory, by))


def test_a_members_keys_are_not_dropped_while_they_stay() -> None:
    """The rule that drops keys looks at the membership itself."""
    memory = until("granted")
    memory.perform(register(1), OWNER)
    with pytest.raises(NotNow):
        memory.perform(DropHolder(GRANT, OWNER.id), member(memory, "acc_member"))
    assert memory.state(GRANT).live_credentials == ("cred_1",)


def test_who_once_belonged_does_not_review() -> None:
    """A reviewer who was a member, and left before the case came, takes no seat on it."""
    memory = world()
    join(memory, RAE.id)
    both = Actor(RAE.id, RAE.roles, {ORG: frozenset({"member"})}, Strength.PASSKEY)
    memory.perform(Leave(ORG), both)
    memory.perform(submission(), OWNER)
    pass_checks(memory)
    with pytest.raises(NotAllowed) as no:
        memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    assert no.value.code == "own_organization"


def test_an_invitation_disqualifies_nobody() -> None:
    """An applicant who invites a reviewer does not take them off the case."""
    memory = until("reviewing")
    invite(memory)
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    assert RAE.id in memory.state(APP).seats
