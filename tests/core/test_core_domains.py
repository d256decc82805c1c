"""Domains: proven once, looked at ever after, lost slowly, and never inherited."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import GRANT, ORG, OWNER, TEXT, Memory, join, staff, until, world
from workflows import calendar
from workflows.actors import Actor, Strength, robot
from workflows.errors import Conflict, NotAllowed, NotFound, NotNow, StrengthNeeded
from workflows.grant.commands.suspend_unproven import SuspendUnproven
from workflows.organization.commands.approve_join import ApproveJoin
from workflows.organization.commands.claim_domain import MOST, ClaimDomain
from workflows.organization.commands.contest_domain import ContestDomain
from workflows.organization.commands.decline_join import DeclineJoin
from workflows.organization.commands.dismiss_contest import DismissContest
from workflows.organization.commands.drop_domain import DropDomain
from workflows.organization.commands.lapse_domain import LapseDomain
from workflows.organization.commands.lose_domain import LoseDomain
from workflows.organization.commands.register import Register
from workflows.organization.commands.request_to_join import MOST_WAITING, RequestToJoin
from workflows.organization.commands.restore_domain import RestoreDomain
from workflows.organization.commands.set_joining import SetJoining
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.organization.commands.yield_domain import YieldDomain

DOMAIN, OTHER = "cert.example", "org_other"
DNS, CLOCK = robot("dns"), robot("clock")
MANAGER = staff("mo", "program_manager")


def at(memory: Memory, days: float = 0) -> str:
    return calendar.iso(memory.now + timedelta(days=days))


def prove(memory: Memory, domain: str = DOMAIN) -> None:
    memory.perform(ClaimDomain(ORG, domain, "t", at(memory, 14)), OWNER)
    memory.perform(VerifyDomain(ORG, domain, "t", at(memory)), DNS)


def lapse(memory: Memory, domain: str = DOMAIN) -> None:
    memory.perform(LapseDomain(ORG, domain, at(memory), at(memory, 14)), DNS)


def test_a_lapse_tells_then_waits_then_ends() -> None:
    """Notice at once, a reminder a week before the end, and not a moment before the end is it
    lost."""
    memory = world()
    prove(memory)
    lapse(memory)
    kinds = [(e.kind, e.payload.get("step", e.payload.get("what"))) for e in memory.effects]
    assert kinds[-3:] == [
        ("send_notice", "domain_lapsed"), ("mind_lapse", "remind"), ("mind_lapse", "end")
    ]  # fmt: skip
    assert [e.due for e in memory.effects[-2:]] == [at(memory, 7), at(memory, 14)]
    memory.now += timedelta(days=14, microseconds=-1)
    with pytest.raises(NotNow):
        memory.perform(LoseDomain(ORG, DOMAIN), CLOCK)
    memory.now += timedelta(microseconds=1)
    memory.perform(LoseDomain(ORG, DOMAIN), CLOCK)
    claim = memory.state(ORG).domains[DOMAIN]
    assert (claim.verified_at, claim.grace_until) == ("", "")
    assert memory.perform(LoseDomain(ORG, DOMAIN), CLOCK) == ()


def test_a_proof_that_is_back_ends_the_grace() -> None:
    """Restored with the same value alone; after that the end of the former grace does nothing."""
    memory = world()
    prove(memory)
    lapse(memory)
    with pytest.raises(NotFound):
        memory.perform(RestoreDomain(ORG, DOMAIN, "another", at(memory)), DNS)
    memory.perform(RestoreDomain(ORG, DOMAIN, "t", at(memory)), DNS)
    assert memory.perform(RestoreDomain(ORG, DOMAIN, "t", at(memory)), DNS) == ()
    memory.now += timedelta(days=15)
    assert memory.perform(LoseDomain(ORG, DOMAIN), CLOCK) == ()
    assert memory.state(ORG).domains[DOMAIN].stands


def test_a_lapse_is_told_once() -> None:
    """A second look that finds nothing does not begin the grace anew."""
    memory = world()
    prove(memory)
    lapse(memory)
    until_then = memory.state(ORG).domains[DOMAIN].grace_until
    memory.now += timedelta(days=3)
    lapse(memory)
    assert memory.state(ORG).domains[DOMAIN].grace_until == until_then


def test_a_proven_domain_is_not_claimed_anew() -> None:
    """A new value would undo the proof that access rests on, whoever of the members asks."""
    memory = world()
    prove(memory)
    with pytest.raises(NotNow):
        memory.perform(ClaimDomain(ORG, DOMAIN, "new", at(memory, 14)), OWNER)
    assert memory.state(ORG).domains[DOMAIN].token == "t"


def test_claims_are_bounded() -> None:
    """One more than the most is refused; claiming one of them again is not."""
    memory = world()
    for number in range(MOST):
        memory.perform(ClaimDomain(ORG, f"d{number}.example", "t", at(memory, 1)), OWNER)
    with pytest.raises(NotNow):
        memory.perform(ClaimDomain(ORG, "more.example", "t", at(memory, 1)), OWNER)
    memory.perform(ClaimDomain(ORG, "d0.example", "u", at(memory, 1)), OWNER)


def test_a_lost_domain_holds_what_rested_on_it() -> None:
    """The board's finding is followed in the same transaction, and a person alone gives it back."""
    memory = until("granted")
    prove(memory)
    memory.perform(DropDomain(ORG, DOMAIN), OWNER)
    assert memory.state(GRANT).phase == "suspended"
    assert memory.log[-1][2].reason == "domain_lost"


def test_what_stands_cannot_be_used_against_a_grant() -> None:
    """Holding a grant back for a domain that is proven is refused, and a member without a passkey
    cannot give a domain up."""
    memory = until("granted")
    prove(memory)
    with pytest.raises(NotNow):
        memory.perform(SuspendUnproven(GRANT, DOMAIN), CLOCK)
    linked = Actor(OWNER.id, memberships=OWNER.memberships, strength=Strength.LINK)
    with pytest.raises(StrengthNeeded):
        memory.perform(DropDomain(ORG, DOMAIN), linked)
    assert memory.state(GRANT).phase == "active"


def contested() -> Memory:
    memory = world()
    prove(memory)
    founder = Actor("acc_other", strength=Strength.PASSKEY)
    memory.perform(Register(OTHER, name=TEXT), founder)
    other = Actor("acc_other", memberships={OTHER: frozenset({"owner"})}, strength=Strength.PASSKEY)
    memory.perform(ClaimDomain(OTHER, DOMAIN, "u", at(memory, 14)), other)
    memory.perform(ContestDomain(OTHER, DOMAIN, "u", at(memory)), DNS)
    return memory


def test_a_contested_domain_stays_until_staff_decide() -> None:
    """The first keeps it; handed over it changes hands in one step; a contest is told once."""
    memory = contested()
    assert memory.state(ORG).domains[DOMAIN].stands
    assert memory.perform(ContestDomain(OTHER, DOMAIN, "u", at(memory)), DNS) == ()
    memory.perform(YieldDomain(ORG, DOMAIN, to=OTHER), MANAGER)
    assert DOMAIN not in memory.state(ORG).domains
    assert memory.state(OTHER).domains[DOMAIN].stands
    with pytest.raises(NotFound):
        memory.perform(YieldDomain(OTHER, DOMAIN, to=ORG), MANAGER)


def test_a_dismissed_contest_needs_a_new_value() -> None:
    """The value that was looked for proves nothing any more; a new claim can be made."""
    memory = contested()
    memory.perform(DismissContest(OTHER, DOMAIN), MANAGER)
    claim = memory.state(OTHER).domains[DOMAIN]
    assert (claim.contested_at, claim.expires_at, claim.verified_at) == ("", "", "")
    with pytest.raises(NotFound):
        memory.perform(DismissContest(OTHER, DOMAIN), MANAGER)


@pytest.mark.parametrize("side", [ORG, OTHER])
def test_nobody_settles_a_contest_of_their_own(side: str) -> None:
    """A manager who belongs to either organization leaves it to a colleague."""
    memory = contested()
    own = Actor("acc_mo", MANAGER.roles, {side: frozenset({"member"})}, Strength.PASSKEY)
    with pytest.raises(NotAllowed):
        memory.perform(YieldDomain(ORG, DOMAIN, to=OTHER), own)


NEW = Actor("acc_new", strength=Strength.LINK)


def ask(memory: Memory, actor: Actor = NEW, domain: str = DOMAIN) -> tuple[object, ...]:
    return memory.perform(RequestToJoin(ORG, domain, at(memory, 30)), actor)


def test_who_asks_by_domain_is_let_in_by_an_admin_as_a_member() -> None:
    """Nothing is theirs before the answer; asking twice is asking once."""
    memory = world()
    prove(memory)
    memory.perform(SetJoining(ORG, open=True), OWNER)
    ask(memory)
    assert ask(memory) == ()
    assert NEW.id not in memory.state(ORG).members
    memory.perform(ApproveJoin(ORG, NEW.id), OWNER)
    assert memory.state(ORG).members[NEW.id] == "member"
    with pytest.raises(Conflict):
        ask(memory)


def test_an_organization_that_is_closed_is_not_there() -> None:
    """Closed, another domain, or a lapsed one: the same answer as for none at all."""
    memory = world()
    prove(memory)
    with pytest.raises(NotFound) as closed:
        ask(memory)
    memory.perform(SetJoining(ORG, open=True), OWNER)
    with pytest.raises(NotFound) as elsewhere:
        ask(memory, domain="other.example")
    lapse(memory)
    with pytest.raises(NotFound) as lapsed:
        ask(memory)
    assert closed.value.message == elsewhere.value.message == lapsed.value.message


def test_a_request_ends_is_taken_back_or_declined() -> None:
    """Afterwards it cannot be approved; nobody else can take it back."""
    memory = world()
    prove(memory)
    memory.perform(SetJoining(ORG, open=True), OWNER)
    ask(memory)
    with pytest.raises(NotFound):
        memory.perform(DeclineJoin(ORG, NEW.id), Actor("acc_thief"))
    memory.perform(DeclineJoin(ORG, NEW.id), NEW)
    ask(memory)
    memory.perform(DeclineJoin(ORG, NEW.id), OWNER)
    with pytest.raises(NotFound):
        memory.perform(ApproveJoin(ORG, NEW.id), OWNER)
    ask(memory)
    memory.now += timedelta(days=30)
    with pytest.raises(NotNow):
        memory.perform(ApproveJoin(ORG, NEW.id), OWNER)


def test_somebody_invited_meanwhile_keeps_their_role() -> None:
    """Approving an old request makes no admin a plain member."""
    memory = world()
    prove(memory)
    memory.perform(SetJoining(ORG, open=True), OWNER)
    ask(memory)
    join(memory, NEW.id, "admin")
    memory.perform(ApproveJoin(ORG, NEW.id), OWNER)
    assert memory.state(ORG).members[NEW.id] == "admin"
    assert NEW.id not in memory.state(ORG).requests


def test_requests_that_wait_are_bounded() -> None:
    """A flood from one domain fills no page without end."""
    memory = world()
    prove(memory)
    memory.perform(SetJoining(ORG, open=True), OWNER)
    for number in range(MOST_WAITING):
        ask(memory, Actor(f"acc_{number}"))
    with pytest.raises(NotNow):
        ask(memory)
