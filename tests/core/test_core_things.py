"""Grants, organizations, accounts, services, keys: their rules one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.histories import (
    ASKED,
    DANA,
    GRANT,
    MO,
    OPERATOR,
    ORG,
    OWNER,
    SHIPPED,
    START,
    TEXT,
    Memory,
    join,
    staff,
    until,
    world,
)  # fmt: skip
from workflows import calendar, letters, registry
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.erase import Erase
from workflows.account.commands.open import Open as OpenAccount
from workflows.account.staff_roles import INCOMPATIBLE
from workflows.actors import Actor, Strength, robot
from workflows.errors import Conflict, Invalid, NotAllowed, NotFound, NotNow, Refused
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.open import Open
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.screening.commands.import_list import ImportList
from workflows.service.commands.approve import Approve
from workflows.service.commands.register import Register as RegisterService
from workflows.service.commands.register_key import RegisterKey

CLOCK = robot("clock")
DEV, SEN = staff("dev", "service_developer"), staff("sen", "service_manager")


def key(number: int = 1) -> RegisterCredential:
    return RegisterCredential(GRANT, f"cred_{number}", f"jkt{number}", {"kty": "EC"}, TEXT)


def test_a_grant_opens_from_a_decision_alone() -> None:
    """Nobody opens a grant that no decision names, not even a decider."""
    memory = until("deciding")
    with pytest.raises(NotAllowed) as no:
        memory.perform(Open("gr_9", application="app_1"), DANA)
    assert no.value.code == "not_decided"
    memory = until("granted")
    with pytest.raises(NotAllowed):
        memory.perform(Open("gr_9", application="app_1"), DANA)


@pytest.mark.parametrize(
    ("ending", "actor"),
    [(Suspend(GRANT, "error"), MO), (Revoke(GRANT, "error"), MO)],
)
def test_no_key_under_a_grant_that_is_held_back_or_gone(ending: Any, actor: Actor) -> None:
    """A suspended or revoked grant takes no new key."""
    memory = until("granted")
    memory.perform(ending, actor)
    with pytest.raises(NotNow):
        memory.perform(key(), OWNER)


def test_suspending_is_reversible_and_revoking_is_not() -> None:
    """Suspended comes back; revoked never does."""
    memory = until("granted")
    memory.perform(Suspend(GRANT, "error"), MO)
    memory.perform(Resume(GRANT), MO)
    assert memory.state(GRANT).phase == "active"
    memory.perform(Revoke(GRANT, "error"), MO)
    for command in (Resume(GRANT), Suspend(GRANT, "error"), Revoke(GRANT, "error")):
        with pytest.raises(NotNow):
            memory.perform(command, MO)


def test_reasons_are_codes() -> None:
    """A suspension, revocation or key's end has a reason of the list."""
    memory = until("granted")
    memory.perform(key(), OWNER)
    commands = ((Suspend(GRANT, "mood"), MO), (Revoke(GRANT, ""), MO),
                (RevokeCredential(GRANT, "cred_1", "mood"), OWNER))  # fmt: skip
    for command, actor in commands:
        with pytest.raises(Invalid):
            memory.perform(command, actor)


def test_a_grant_ends_at_its_end_and_not_before() -> None:
    """The clock ends a grant when its time has come, also a suspended one."""
    memory = until("granted")
    with pytest.raises(NotNow) as no:
        memory.perform(Expire(GRANT), CLOCK)
    assert no.value.code == "not_expired"
    memory.perform(Suspend(GRANT, "error"), MO)
    memory.now += timedelta(days=100)
    memory.perform(Expire(GRANT), CLOCK)
    assert memory.state(GRANT).phase == "expired"


def test_keys_are_bounded_and_end_one_by_one() -> None:
    """Twenty live keys at most; a revoked one makes room, and its end is told once."""
    memory = until("granted")
    for number in range(20):
        memory.perform(key(number), OWNER)
    with pytest.raises(NotNow) as no:
        memory.perform(key(99), OWNER)
    assert no.value.code == "too_many_credentials"
    memory.perform(RevokeCredential(GRANT, "cred_3", "error"), OWNER)
    assert memory.perform(RevokeCredential(GRANT, "cred_3", "error"), OWNER) == ()
    memory.perform(key(99), OWNER)
    with pytest.raises(NotFound):
        memory.perform(RevokeCredential(GRANT, "cred_x", "error"), OWNER)


def test_a_plain_member_registers_no_key() -> None:
    """Owners and admins register keys; members and other organizations do not."""
    memory = until("granted")
    member = Actor(
        "acc_member", memberships={ORG: frozenset({"member"})}, strength=Strength.PASSKEY
    )
    other = Actor("acc_o", memberships={"org_2": frozenset({"owner"})}, strength=Strength.PASSKEY)
    for actor in (member, other, MO):
        with pytest.raises(NotAllowed):
            memory.perform(key(), actor)


def test_members_come_and_go_but_the_owner_stays() -> None:
    """A member joins once, in a role that exists, and leaves; the owner cannot be removed."""
    memory = world()
    with pytest.raises(Conflict):
        join(memory, "acc_member")
    with pytest.raises(Invalid):
        join(memory, "acc_new", "emperor")
    memory.perform(RemoveMember(ORG, "acc_member"), OWNER)
    with pytest.raises(NotFound):
        memory.perform(RemoveMember(ORG, "acc_member"), OWNER)
    with pytest.raises(Invalid):
        memory.perform(RemoveMember(ORG, OWNER.id), OWNER)


NO_DOMAINS = (
    "", "localhost", "a..b", "-a.example", "A.example", "a b.example", "http://a.example",
    f"{'a' * 64}.example", "é.example",
)  # fmt: skip


@pytest.mark.parametrize("name", NO_DOMAINS)
def test_what_is_no_domain(name: str) -> None:
    """Only a host name of two or more plain labels can be claimed."""
    with pytest.raises(Invalid):
        world().perform(ClaimDomain(ORG, name, "t", "z"), OWNER)


def test_a_domain_is_verified_with_the_token_of_now() -> None:
    """An old token proves nothing; the present one does, once; people cannot say it themselves."""
    memory = world()
    memory.perform(ClaimDomain(ORG, "a.example", "old", "z"), OWNER)
    memory.perform(ClaimDomain(ORG, "a.example", "new", "z"), OWNER)
    with pytest.raises(NotFound):
        memory.perform(VerifyDomain(ORG, "a.example", "old", "now"), robot("dns"))
    with pytest.raises(NotAllowed):
        memory.perform(VerifyDomain(ORG, "a.example", "new", "now"), OWNER)
    memory.perform(VerifyDomain(ORG, "a.example", "new", "now"), robot("dns"))
    assert memory.perform(VerifyDomain(ORG, "a.example", "new", "later"), robot("dns")) == ()
    assert memory.state(ORG).domains["a.example"].verified_at == "now"


def _account(memory: Memory) -> None:
    memory.perform(OpenAccount("acc_p", TEXT, TEXT), OPERATOR)


def _passkey(number: int) -> AddPasskey:
    return AddPasskey("acc_p", f"pk{number}", "cose", "aa", False, TEXT)


def test_passkeys_are_added_by_their_holder_with_the_passkey_before() -> None:
    """The first by whoever proved the address; each further one needs the one before."""
    memory = Memory()
    _account(memory)
    weak = Actor("acc_p", strength=Strength.LINK)
    strong = Actor("acc_p", strength=Strength.PASSKEY)
    with pytest.raises(NotAllowed):
        memory.perform(_passkey(1), staff("thief"))
    memory.perform(_passkey(1), weak)
    with pytest.raises(Refused) as no:
        memory.perform(_passkey(2), weak)
    assert no.value.code == "strength_needed"
    with pytest.raises(Conflict):
        memory.perform(_passkey(1), strong)
    for number in range(2, 11):
        memory.perform(_passkey(number), strong)
    with pytest.raises(Conflict):
        memory.perform(_passkey(11), strong)


@pytest.mark.parametrize("pair", INCOMPATIBLE)
@pytest.mark.parametrize("turn", [1, -1])
def test_incompatible_roles(pair: tuple[str, str], turn: int) -> None:
    """Neither order puts both roles of a pair on one person."""
    memory = Memory()
    _account(memory)
    first, second = pair[::turn]
    memory.perform(Appoint("acc_p", first), OPERATOR)
    assert memory.perform(Appoint("acc_p", first), OPERATOR) == ()
    with pytest.raises(Invalid):
        memory.perform(Appoint("acc_p", second), OPERATOR)


def test_people_do_not_appoint_and_unknown_roles_are_none() -> None:
    """Only the shell appoints today, and only roles that exist; the erased get none."""
    memory = Memory()
    _account(memory)
    with pytest.raises(NotAllowed):
        memory.perform(Appoint("acc_p", "reviewer"), MO)
    with pytest.raises(Invalid):
        memory.perform(Appoint("acc_p", "emperor"), OPERATOR)
    memory.perform(Appoint("acc_p", "reviewer"), OPERATOR)
    memory.perform(Erase("acc_p", "asked for"), OPERATOR)
    assert memory.state("acc_p").roles == frozenset()
    with pytest.raises(NotNow):
        memory.perform(Appoint("acc_p", "reviewer"), OPERATOR)


def test_nobody_approves_their_own_service() -> None:
    """The developer of a service does not approve it, whatever roles they hold."""
    memory = Memory()
    both = staff("dev", "service_developer", "service_manager")
    memory.perform(RegisterService("svc_1", "Model", "https://api.example", ASKED), DEV)
    with pytest.raises(NotAllowed):
        memory.perform(Approve("svc_1"), both)
    with pytest.raises(NotAllowed):
        memory.perform(RegisterKey("svc_1", "j", {}), staff("other", "service_developer"))
    memory.perform(Approve("svc_1"), SEN)
    assert memory.state("svc_1").phase == "approved"


@pytest.mark.parametrize(
    ("name", "audience", "scopes"),
    [("M", "http://api.example", ASKED), ("M", "api.example", ASKED), ("M", "https://", ASKED),
     ("M", "https://a.example/#x", ASKED), ("M", "https://a.example", ()),
     (" ", "https://a.example", ASKED)],
)  # fmt: skip
def test_a_service_that_is_not_whole(name: str, audience: str, scopes: tuple[str, ...]) -> None:
    """A name, an https audience without fragment (RFC 8707), and a scope."""
    with pytest.raises(Invalid):
        Memory().perform(RegisterService("svc_1", name, audience, scopes), DEV)


def test_an_empty_list_is_not_imported() -> None:
    """A list of nobody would pass everybody."""
    with pytest.raises(Invalid):
        Memory().perform(ImportList("lst_x", "x", "d", 0), robot("lists"))


def test_working_days_leave_weekends_out() -> None:
    """One working day after Friday is Monday; none is the same moment."""
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    assert calendar.add_working_days(friday, 1) == datetime(2026, 3, 9, 17, 30, tzinfo=UTC)
    assert calendar.add_working_days(START, 0) == START


def test_stream_ids_name_their_kind() -> None:
    """The prefix names the kind; anything else is no stream."""
    assert registry.kind_of("gr_1") == "grant"
    with pytest.raises(ValueError, match="not a stream id"):
        registry.kind_of("cred_1")


@pytest.mark.parametrize(
    ("outcome", "granted", "reasons", "subject"),
    [("approved", ASKED, (), "The access that you asked for was granted"),
     ("approved", ASKED[:1], ("scope_beyond_purpose",), "A part of the access"),
     ("denied", (), ("purpose_unclear", "answers_untrue"), "Your application was denied")],
)  # fmt: skip
def test_letters(
    outcome: str, granted: tuple[str, ...], reasons: tuple[str, ...], subject: str
) -> None:
    """The letter says what was granted, and gives every reason with its remedy."""
    letter = letters.compose(SHIPPED, outcome=outcome, asked=ASKED, granted=granted,
                             reasons=reasons, expires_at="z", message="m")  # fmt: skip
    assert letter["subject"].startswith(subject)
    assert [s["granted"] for s in letter["scopes"]] == [s in granted for s in ASKED]
    assert len(letter["reasons"]) == len(reasons)
    assert all(r["remedy"] for r in letter["reasons"])
    assert bool(letter["expires_at"]) is (outcome == "approved")
