"""Workspaces and engagements: one colleague, one thing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import (
    APP,
    ORG,
    OWNER,
    RAE,
    TEXT,
    Memory,
    join,
    pass_checks,
    submission,
    world,
)
from workflows import visibility
from workflows.actors import Actor, Strength
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.engagement.commands.attach_document import AttachDocument
from workflows.engagement.commands.change import Change
from workflows.engagement.commands.close import Close as CloseEngagement
from workflows.engagement.commands.open import Open as OpenEngagement
from workflows.engagement.dates import MOST_DAYS
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.place_member import PlaceMember
from workflows.organization.commands.register import Register
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.unplace_member import UnplaceMember
from workflows.workspace.commands.close import Close as CloseWorkspace
from workflows.workspace.commands.open import Open as OpenWorkspace
from workflows.workspace.commands.place_application import PlaceApplication
from workflows.workspace.commands.take_out_application import TakeOutApplication

ROOM, WORK, OTHER = "ws_1", "eng_1", "org_other"
STRANGER = Actor("acc_else", memberships={OTHER: frozenset({"owner"})}, strength=Strength.PASSKEY)


def day(memory: Memory, days: int) -> str:
    return (memory.now + timedelta(days=days)).date().isoformat()


def furnished() -> Memory:
    memory = world()
    memory.perform(OpenWorkspace(ROOM, ORG, TEXT), OWNER)
    memory.perform(
        OpenEngagement(WORK, ORG, ROOM, TEXT, TEXT, day(memory, 0), day(memory, 30)), OWNER
    )
    return memory


def guest(*rooms: str, shown: dict[str, str] | None = None) -> Actor:
    return Actor(
        "acc_guest", strength=Strength.PASSKEY, guest_of=frozenset({ORG}), rooms=frozenset(rooms),
        shown=shown or {},
    )  # fmt: skip


def test_an_invitation_into_a_room_leads_there() -> None:
    """Accepted, the guest is in it; the room must be the organization's own, and open."""
    memory = furnished()
    end = (memory.now + timedelta(days=7)).isoformat()
    for wrong in ("ws_none", "eng_none"):
        with pytest.raises(NotFound):
            memory.perform(Invite(ORG, "inv_1", TEXT, "guest", end, wrong), OWNER)
    memory.perform(Invite(ORG, "inv_1", TEXT, "guest", end, WORK), OWNER)
    assert memory.state(ORG).rooms == {}
    memory.perform(AcceptInvitation(ORG, "inv_1"), Actor("acc_guest"))
    assert memory.state(ORG).rooms == {"acc_guest": {WORK}}
    assert memory.state(ORG).members["acc_guest"] == "guest"


def test_rooms_of_others_and_closed_ones_take_nobody_in() -> None:
    """Another organization's room answers like one that is not there; so does a closed one."""
    memory = furnished()
    memory.perform(Register(OTHER, name=TEXT), Actor("acc_else", strength=Strength.PASSKEY))
    with pytest.raises(NotFound) as foreign:
        memory.perform(PlaceMember(OTHER, "acc_else", ROOM), STRANGER)
    memory.perform(CloseWorkspace(ROOM), OWNER)
    with pytest.raises(NotFound) as closed:
        memory.perform(PlaceMember(ORG, "acc_member", ROOM), OWNER)
    assert foreign.value.message == closed.value.message
    with pytest.raises(NotNow):
        memory.perform(PlaceApplication(ROOM, APP), OWNER)


def test_only_members_are_let_in_and_each_once() -> None:
    """A stranger is invited first; letting in twice changes nothing; taken out, one stays a
    member."""
    memory = furnished()
    with pytest.raises(NotFound):
        memory.perform(PlaceMember(ORG, "acc_nobody", ROOM), OWNER)
    memory.perform(PlaceMember(ORG, "acc_member", ROOM), OWNER)
    assert memory.perform(PlaceMember(ORG, "acc_member", ROOM), OWNER) == ()
    memory.perform(UnplaceMember(ORG, "acc_member", ROOM), OWNER)
    assert "acc_member" in memory.state(ORG).members
    with pytest.raises(NotFound):
        memory.perform(UnplaceMember(ORG, "acc_member", ROOM), OWNER)


def test_who_goes_is_in_no_room_when_they_come_back() -> None:
    """Removal takes every room along: a new invitation brings back none of them."""
    memory = furnished()
    memory.perform(PlaceMember(ORG, "acc_member", ROOM), OWNER)
    memory.perform(RemoveMember(ORG, "acc_member"), OWNER)
    join(memory, "acc_member", "guest")
    assert memory.state(ORG).rooms == {}


def test_another_organizations_application_is_not_placed() -> None:
    """The rule compares organizations, whatever the door let through."""
    memory = furnished()
    memory.perform(Register(OTHER, name=TEXT), Actor("acc_else", strength=Strength.PASSKEY))
    memory.perform(OpenWorkspace("ws_else", OTHER, TEXT), STRANGER)
    memory.perform(submission(), OWNER)
    with pytest.raises(NotFound):
        memory.perform(PlaceApplication("ws_else", APP), STRANGER)
    memory.perform(PlaceApplication(ROOM, APP), OWNER)
    assert memory.perform(PlaceApplication(ROOM, APP), OWNER) == ()
    memory.perform(TakeOutApplication(ROOM, APP), OWNER)
    with pytest.raises(NotFound):
        memory.perform(TakeOutApplication(ROOM, APP), OWNER)


def test_a_guest_sees_the_case_only_through_its_room() -> None:
    """Shown, they see what an applicant sees; a made-up organization beside the id opens
    nothing; and no verb of a member is theirs."""
    memory = furnished()
    memory.perform(submission(), OWNER)
    state = memory.state(APP)
    assert visibility.may_see_application(state, guest(ROOM, shown={APP: ORG}))
    assert not visibility.may_see_application(state, guest(ROOM))
    assert not visibility.may_see_application(state, guest(ROOM, shown={APP: OTHER}))
    with pytest.raises(NotAllowed):
        memory.perform(Withdraw(APP), guest(ROOM, shown={APP: ORG}))


def test_a_guest_leaves_and_never_owns() -> None:
    """Leaving is theirs; ownership is not, neither offered nor by becoming a guest meanwhile."""
    memory = furnished()
    join(memory, "acc_guest", "guest")
    with pytest.raises(Invalid):
        memory.perform(OfferOwnership(ORG, "acc_guest"), OWNER)
    memory.perform(OfferOwnership(ORG, "acc_member"), OWNER)
    with pytest.raises(Invalid):
        memory.perform(ChangeRole(ORG, "acc_member", "guest"), OWNER)
    memory.perform(Leave(ORG), guest())
    assert "acc_guest" not in memory.state(ORG).members


def test_a_guest_reviews_no_case_of_the_organization() -> None:
    """Whoever is in a room, or was, belongs to the applicant's side."""
    memory = furnished()
    join(memory, RAE.id, "guest")
    memory.perform(Leave(ORG), Actor(RAE.id, guest_of=frozenset({ORG})))
    memory.perform(submission(), OWNER)
    pass_checks(memory)
    with pytest.raises(NotAllowed):
        memory.perform(TakeSeat(APP, no_conflict=True), RAE)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(5, 4, "ends_on"), (-9, -1, "ends_on"), (0, MOST_DAYS, "ends_on"), ("", 3, "starts_on"),
     (0, "2027-02-30", "ends_on"), (0, "soon", "ends_on")],
)  # fmt: skip
def test_days_that_make_no_sense_are_refused_beside_their_field(
    first: int | str, last: int | str, field: str
) -> None:
    """Backwards, over, too long, or no days at all; at its opening and at a change."""
    memory = furnished()
    days = tuple(d if isinstance(d, str) else day(memory, d) for d in (first, last))
    with pytest.raises(Invalid) as opening:
        memory.perform(OpenEngagement("eng_2", ORG, "", TEXT, TEXT, *days), OWNER)
    with pytest.raises(Invalid) as change:
        memory.perform(Change(WORK, TEXT, *days), OWNER)
    assert list(opening.value.fields) == list(change.value.fields) == [field]


def test_days_at_their_bounds_are_taken() -> None:
    """One day, today; and the longest that there is."""
    memory = furnished()
    for number, last in enumerate((0, MOST_DAYS - 1), 2):
        days = day(memory, 0), day(memory, last)
        memory.perform(OpenEngagement(f"eng_{number}", ORG, "", TEXT, TEXT, *days), OWNER)


def test_a_change_needs_a_new_authorization() -> None:
    """What was authorized were the former targets and days."""
    memory = furnished()
    memory.perform(AttachDocument(WORK, TEXT, TEXT), OWNER)
    assert memory.state(WORK).documented
    memory.perform(Change(WORK, TEXT, day(memory, 0), day(memory, 9)), OWNER)
    assert not memory.state(WORK).documented
    memory.perform(CloseEngagement(WORK), OWNER)
    with pytest.raises(NotNow):
        memory.perform(AttachDocument(WORK, TEXT, TEXT), OWNER)
