"""An organization's directory: what it may say, and what follows by the rules alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import ORG, OWNER, TEXT, Memory, join, world
from workflows import calendar, roles
from workflows.actors import Actor, Strength, directory, robot
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow, StrengthNeeded
from workflows.organization import events as e
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.delist_person import DelistPerson
from workflows.organization.commands.lapse_domain import LapseDomain
from workflows.organization.commands.list_person import ListPerson
from workflows.organization.commands.make_directory_token import MakeDirectoryToken
from workflows.organization.commands.map_directory_group import MapDirectoryGroup
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.register_directory_key import RegisterDirectoryKey
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.request_to_join import RequestToJoin
from workflows.organization.commands.revoke_directory_token import RevokeDirectoryToken
from workflows.organization.commands.set_directory_start import SetDirectoryStart
from workflows.organization.commands.set_joining import SetJoining
from workflows.organization.commands.sort_person import SortPerson
from workflows.organization.commands.verify_domain import VerifyDomain

SAYS = directory(ORG)
DANA = Actor("acc_dana", strength=Strength.PASSKEY)
END = "2999-01-01T00:00:00.000000Z"


def housed() -> Memory:
    memory = world()
    now = calendar.iso(memory.now)
    memory.perform(ClaimDomain(ORG, "cert.example", "token", END), OWNER)
    memory.perform(VerifyDomain(ORG, "cert.example", "token", now), robot("dns"))
    return memory


def listing(invitation: str = "inv_d", account: str = "", groups: tuple[str, ...] = (),
            domain: str = "cert.example") -> ListPerson:  # fmt: skip
    return ListPerson(ORG, account, invitation, TEXT, domain, groups, END)


def joined(memory: Memory) -> None:
    memory.perform(listing(), SAYS)
    memory.perform(AcceptInvitation(ORG, "inv_d"), DANA)


def test_a_directory_may_say_this_and_no_more() -> None:
    """In every phase of everything: three verbs about people, and dropping who left from keys."""
    found = {at: set(row["directory"]) for at, row in roles.TABLE.items() if "directory" in row}
    assert found == {
        ("organization", "active"): {"list_person", "delist_person", "sort_person"},
        ("grant", "active"): {"drop_holder"}, ("grant", "suspended"): {"drop_holder"},
    }  # fmt: skip


def test_a_directory_speaks_for_its_own_organization() -> None:
    """Toward another organization it has no role at all, not even a person's."""
    assert SAYS.roles_toward(ORG) == frozenset({"directory"})
    assert SAYS.roles_toward("org_other") == SAYS.roles_toward(None) == frozenset()
    with pytest.raises(NotAllowed):
        housed().perform(listing(), directory("org_other"))
    with pytest.raises(NotAllowed):
        housed().perform(listing(), OWNER)  # a person invites instead


def test_listing_invites_and_makes_nobody_a_member() -> None:
    """They join by accepting; listed again as a member, nothing happens."""
    memory = housed()
    (invited,) = memory.perform(listing(), SAYS)
    assert isinstance(invited, e.Invited)
    assert invited.role == "member"
    assert DANA.id not in memory.state(ORG).members
    memory.perform(AcceptInvitation(ORG, "inv_d"), DANA)
    assert memory.state(ORG).members[DANA.id] == "member"
    assert memory.perform(listing("inv_2", account=DANA.id), SAYS) == ()


def test_only_proven_domains_count() -> None:
    """One that nobody claimed, one whose proof is missing: refused."""
    memory = housed()
    with pytest.raises(Invalid):
        memory.perform(listing(domain="elsewhere.example"), SAYS)
    memory.perform(LapseDomain(ORG, "cert.example", calendar.iso(memory.now), END), robot("dns"))
    with pytest.raises(Invalid):
        memory.perform(listing(), SAYS)


@pytest.mark.parametrize("role", ["guest", "member", "admin"])
def test_whoever_is_delisted_is_out(role: str) -> None:
    """Whatever they were, also an admin; once more changes nothing."""
    memory = housed()
    joined(memory)
    if role != "member":
        memory.perform(ChangeRole(ORG, DANA.id, role), OWNER)
    assert memory.perform(DelistPerson(ORG, DANA.id, ""), SAYS) == (e.MemberRemoved(DANA.id),)
    assert memory.state(ORG).knew(DANA.id)
    assert memory.perform(DelistPerson(ORG, DANA.id, ""), SAYS) == ()


def test_delisting_takes_what_waits() -> None:
    """An invitation is withdrawn, and so is a request of their own to join."""
    memory = housed()
    memory.perform(listing(), SAYS)
    memory.perform(SetJoining(ORG, True), OWNER)
    memory.perform(RequestToJoin(ORG, "cert.example", END), DANA)
    found = memory.perform(DelistPerson(ORG, DANA.id, "inv_d"), SAYS)
    assert found == (e.InvitationWithdrawn("inv_d"), e.JoinDeclined(DANA.id))


def test_the_owner_is_reported_and_stays() -> None:
    """The report is on record once; a later owner's is another."""
    memory = housed()
    said = e.OwnerDepartureReported(OWNER.id)
    assert memory.perform(DelistPerson(ORG, OWNER.id, ""), SAYS) == (said,)
    assert memory.perform(DelistPerson(ORG, OWNER.id, ""), SAYS) == ()
    assert memory.state(ORG).owner == OWNER.id


def test_tokens_follow_each_other() -> None:
    """The next one shortens the last to a week, a third waits, those that ended are cleared."""
    memory = housed()
    memory.perform(MakeDirectoryToken(ORG, "dtk_1", 365), OWNER)
    made = memory.perform(MakeDirectoryToken(ORG, "dtk_2", 90), OWNER)
    assert [type(one) for one in made] == [e.DirectoryTokenShortened, e.DirectoryTokenMade]
    with pytest.raises(NotNow) as no:
        memory.perform(MakeDirectoryToken(ORG, "dtk_3", 90), OWNER)
    assert no.value.code == "too_many_tokens"
    memory.perform(RevokeDirectoryToken(ORG, "dtk_1"), OWNER)
    with pytest.raises(NotFound):
        memory.perform(RevokeDirectoryToken(ORG, "dtk_1"), OWNER)
    memory.perform(MakeDirectoryToken(ORG, "dtk_3", 90), OWNER)
    assert set(memory.state(ORG).directory.tokens) == {"dtk_2", "dtk_3"}


def test_a_key_follows_a_token_and_the_other_way_round() -> None:
    """The two count alike: two at most, the earlier one shortened to a week."""
    memory = housed()
    memory.perform(MakeDirectoryToken(ORG, "dtk_1", 365), OWNER)
    made = memory.perform(RegisterDirectoryKey(ORG, "dtk_2", "jkt", {"kty": "EC"}, 365), OWNER)
    assert [type(one) for one in made] == [e.DirectoryTokenShortened, e.DirectoryKeyRegistered]
    with pytest.raises(NotNow):
        memory.perform(RegisterDirectoryKey(ORG, "dtk_3", "jkt3", {"kty": "EC"}, 90), OWNER)
    memory.perform(RevokeDirectoryToken(ORG, "dtk_1"), OWNER)
    made = memory.perform(MakeDirectoryToken(ORG, "dtk_4", 90), OWNER)
    assert [type(one) for one in made] == [e.DirectoryTokenShortened, e.DirectoryTokenMade]
    with pytest.raises(NotNow):
        world().perform(RegisterDirectoryKey(ORG, "dtk_1", "jkt", {"kty": "EC"}, 90), OWNER)


def test_a_shorter_rest_is_not_made_longer() -> None:
    """A token that ends in three days does not get a week by being followed."""
    memory = housed()
    memory.perform(MakeDirectoryToken(ORG, "dtk_1", 90), OWNER)
    end = memory.state(ORG).directory.tokens["dtk_1"]
    memory.now += timedelta(days=87)
    made = memory.perform(MakeDirectoryToken(ORG, "dtk_2", 90), OWNER)
    assert [type(one) for one in made] == [e.DirectoryTokenMade]
    assert memory.state(ORG).directory.tokens["dtk_1"] == end


def test_a_token_takes_a_passkey_a_domain_and_a_known_lifetime() -> None:
    """Without any of them it is refused, and a plain member makes none."""
    command = MakeDirectoryToken(ORG, "dtk_1", 90)
    with pytest.raises(NotNow):
        world().perform(command, OWNER)
    with pytest.raises(Invalid):
        housed().perform(MakeDirectoryToken(ORG, "dtk_1", 3650), OWNER)
    weak = Actor(OWNER.id, memberships=OWNER.memberships, strength=Strength.LINK)
    with pytest.raises(StrengthNeeded):
        housed().perform(command, weak)
    memory = housed()
    join(memory, "acc_plain", "member")
    plain = {ORG: frozenset({"member"})}
    with pytest.raises(NotAllowed):
        memory.perform(command, Actor("acc_plain", memberships=plain, strength=Strength.PASSKEY))


def test_groups_give_the_most_and_never_an_admins_role() -> None:
    """Of several groups the most counts; owner and admins keep what people gave them."""
    memory = housed()
    joined(memory)
    for group, role in (("dgr_g", "guest"), ("dgr_s", "security_contact")):
        memory.perform(MapDirectoryGroup(ORG, group, role, ""), OWNER)
    with pytest.raises(Invalid):
        memory.perform(MapDirectoryGroup(ORG, "dgr_a", "admin", ""), OWNER)
    with pytest.raises(Invalid):
        memory.perform(MapDirectoryGroup(ORG, "dgr_a", "owner", ""), OWNER)
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_g", "dgr_s")), SAYS) == (
        e.RoleChanged(DANA.id, "security_contact"),
    )
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_g",)), SAYS) == (
        e.RoleChanged(DANA.id, "guest"),
    )
    assert memory.perform(SortPerson(ORG, DANA.id, ()), SAYS) == (e.RoleChanged(DANA.id, "member"),)
    memory.perform(ChangeRole(ORG, DANA.id, "admin"), OWNER)
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_g",)), SAYS) == ()
    assert memory.perform(SortPerson(ORG, OWNER.id, ("dgr_g",)), SAYS) == ()
    memory.perform(ChangeRole(ORG, DANA.id, "member"), OWNER)
    memory.perform(OfferOwnership(ORG, DANA.id), OWNER)
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_g",)), SAYS) == ()


def test_without_a_meaning_roles_stay_as_they_are() -> None:
    """While no group gives a role, a role that was given by hand is not touched."""
    memory = housed()
    joined(memory)
    memory.perform(ChangeRole(ORG, DANA.id, "signing_official"), OWNER)
    memory.perform(SetDirectoryStart(ORG, "guest"), OWNER)
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_x",)), SAYS) == ()
    with pytest.raises(Invalid):
        memory.perform(SetDirectoryStart(ORG, "admin"), OWNER)
    assert memory.perform(SetDirectoryStart(ORG, "guest"), OWNER) == ()


def test_somebody_who_left_is_not_sorted() -> None:
    """A removal and a sorting at once: nothing is given to who is no member."""
    memory = housed()
    joined(memory)
    memory.perform(RemoveMember(ORG, DANA.id), OWNER)
    memory.perform(MapDirectoryGroup(ORG, "dgr_s", "security_contact", ""), OWNER)
    assert memory.perform(SortPerson(ORG, DANA.id, ("dgr_s",)), SAYS) == ()
