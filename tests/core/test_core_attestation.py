"""Who still works there, and which keys are still used: what counts, lapses, is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.histories import GRANT, MO, ORG, OWNER, TEXT, Memory, join, until, world
from workflows import attestation, calendar, roles
from workflows.account.commands.open import Open
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.actors import Actor, Strength, robot
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow, StrengthNeeded
from workflows.grant import events as g
from workflows.grant.commands import begin_attestation as begin_keys
from workflows.grant.commands import suspend_unattested as suspend_keys
from workflows.grant.commands.attest_credential import AttestCredential
from workflows.grant.commands.drop_holder import DropHolder
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.resume_holder import ResumeHolder
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.grant.commands.suspend_holder import SuspendHolder
from workflows.organization import events as e
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.attest_member import AttestMember
from workflows.organization.commands.begin_attestation import BeginAttestation
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.suspend_unattested import SuspendUnattested
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.organization.state import State

CLOCK = robot("clock")
MEMBER = "acc_member"
ADA = Actor("acc_ada", memberships={ORG: frozenset({"admin"})}, strength=Strength.PASSKEY)
NIGHT = timedelta(days=1)


def counted(memory: Memory) -> Memory:
    """Everybody is counted since today."""
    memory.perform(BeginAttestation(ORG), CLOCK)
    return memory


def due(memory: Memory, account: str = MEMBER) -> datetime:
    found = calendar.parse(memory.state(ORG).attested.due[account])
    assert found is not None
    return found


def suspended(memory: Memory) -> frozenset[str]:
    state: State = memory.state(ORG)
    return state.attested.suspended


def lapse(memory: Memory) -> tuple[object, ...]:
    """To the moment at which whoever was counted first lapses, and the clock that sees it."""
    memory.now = due(memory) + attestation.GRACE
    return memory.perform(SuspendUnattested(ORG), CLOCK)


# ---------------------------------------------------------------- days


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_a_due_is_the_midnight_that_ends_the_90th_day(hour: int) -> None:
    """Whoever was spoken for on one day is due on one day, never before 90 whole days."""
    said = datetime(2026, 3, 2, hour, 59, tzinfo=UTC)
    found = attestation.due_from(said)
    assert found == "2026-06-01T00:00:00.000000Z"
    moment = calendar.parse(found)
    assert moment is not None
    assert attestation.EVERY < moment - said <= attestation.EVERY + NIGHT


def test_the_edges_of_a_due() -> None:
    """It opens, reminds twice and lapses at just these moments; what is not counted does not."""
    at = "2026-06-01T00:00:00.000000Z"
    assert attestation.opens_at(at) == "2026-05-02T00:00:00.000000Z"
    assert [r[:10] for r in attestation.reminds_at(at)] == ["2026-05-18", "2026-05-29"]
    assert attestation.lapses_at(at) == "2026-06-08T00:00:00.000000Z"
    tick = timedelta(microseconds=1)
    for edge, holds in ((datetime(2026, 5, 2, tzinfo=UTC), attestation.is_open),
                        (datetime(2026, 6, 8, tzinfo=UTC), attestation.has_lapsed)):  # fmt: skip
        assert holds(at, edge)
        assert not holds(at, edge - tick)
        assert not holds("", edge)


# ---------------------------------------------------------------- members


def test_counting_begins_once_for_each() -> None:
    """Who was there before is due 90 days from the first count; who joins later, later."""
    memory = world()
    assert len(memory.perform(BeginAttestation(ORG), CLOCK)) == 2
    assert memory.perform(BeginAttestation(ORG), CLOCK) == ()
    memory.now += NIGHT
    join(memory, "acc_late")
    (began,) = memory.perform(BeginAttestation(ORG), CLOCK)
    assert began == e.AttestationBegan("acc_late", attestation.due_from(memory.now))


def test_a_word_counts_in_the_last_30_days_and_after() -> None:
    """Earlier it changes nothing and is no error; twice on one day it is given once."""
    memory = counted(world())
    memory.now = due(memory) - attestation.OPENS - timedelta(microseconds=1)
    assert memory.perform(AttestMember(ORG, MEMBER), OWNER) == ()
    memory.now += timedelta(microseconds=1)
    said = memory.perform(AttestMember(ORG, MEMBER), OWNER)
    assert said == (e.MemberAttested(MEMBER, attestation.due_from(memory.now)),)
    assert memory.perform(AttestMember(ORG, MEMBER), OWNER) == ()


def test_exactly_at_the_end_of_the_grace_and_not_before() -> None:
    """A microsecond before nobody is suspended; then once, and no second time."""
    memory = counted(world())
    at = memory.state(ORG).attested.due[MEMBER]
    memory.now = due(memory) + attestation.GRACE - timedelta(microseconds=1)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()
    memory.now += timedelta(microseconds=1)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == (e.MemberSuspended(MEMBER, at),)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()
    assert MEMBER in memory.state(ORG).members


def test_who_was_spoken_for_is_not_suspended() -> None:
    """A word given on the last day of the grace is in time."""
    memory = counted(world())
    memory.now = due(memory) + attestation.GRACE - timedelta(seconds=1)
    memory.perform(AttestMember(ORG, MEMBER), OWNER)
    memory.now += timedelta(seconds=1)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()


def test_an_owner_alone_is_never_suspended() -> None:
    """However long it is that nobody spoke for them."""
    memory = counted(world())
    memory.perform(RemoveMember(ORG, MEMBER), OWNER)
    memory.now += timedelta(days=1000)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()


def test_one_word_gives_it_back() -> None:
    """The word and what it lifts are both on record, and the due is anew."""
    memory = counted(world())
    lapse(memory)
    said = memory.perform(AttestMember(ORG, MEMBER), OWNER)
    assert said == (
        e.MemberAttested(MEMBER, attestation.due_from(memory.now)), e.MemberReinstated(MEMBER),
    )  # fmt: skip
    assert suspended(memory) == frozenset()


def test_an_admin_speaks_for_the_owner() -> None:
    """The owner is asked about too, though nothing is taken from them."""
    memory = world()
    join(memory, ADA.id, "admin")
    counted(memory)
    memory.now = due(memory)
    assert memory.perform(AttestMember(ORG, OWNER.id), ADA)


@pytest.mark.parametrize("who", [OWNER, ADA])
def test_nobody_speaks_for_themselves(who: Actor) -> None:
    """Neither owner nor admin, due or not."""
    memory = world()
    join(memory, ADA.id, "admin")
    counted(memory)
    for moment in (memory.now, due(memory)):
        memory.now = moment
        with pytest.raises(NotAllowed) as no:
            memory.perform(AttestMember(ORG, who.id), who)
        assert no.value.code == "own_attestation"


def test_a_suspended_admin_speaks_for_nobody() -> None:
    """Also when their request came in before: the organization itself is looked at."""
    memory = world()
    join(memory, ADA.id, "admin")
    counted(memory)
    lapse(memory)
    assert suspended(memory) == {MEMBER, ADA.id}
    with pytest.raises(NotAllowed):
        memory.perform(AttestMember(ORG, MEMBER), ADA)
    memory.perform(AttestMember(ORG, ADA.id), OWNER)
    assert memory.perform(AttestMember(ORG, MEMBER), ADA)


def test_a_suspended_admin_looks_after_nobody() -> None:
    """They recover no member's account, and their sign-in proves no provider."""
    memory = world()
    join(memory, ADA.id, "admin")
    memory.perform(ClaimDomain(ORG, "cert.example", "token", "2999"), OWNER)
    memory.perform(VerifyDomain(ORG, "cert.example", "token", "2026"), robot("dns"))
    issuer = "https://login.cert.example"
    memory.perform(ConfigureSignOn(ORG, issuer, "portal", "private_key_jwt", False), OWNER)
    memory.perform(Open(MEMBER, TEXT, TEXT), Actor(MEMBER))
    counted(memory)
    lapse(memory)
    proof = ProveSignOn(ORG, ADA.id, issuer, "portal")
    assert memory.perform(proof, robot("sign_on")) == ()
    with pytest.raises(NotAllowed):
        memory.perform(ProposeRecovery(MEMBER, ORG), ADA)
    memory.perform(AttestMember(ORG, ADA.id), OWNER)
    assert memory.perform(proof, robot("sign_on"))
    assert memory.perform(ProposeRecovery(MEMBER, ORG), ADA)


def test_only_members_are_spoken_for() -> None:
    """Whoever is gone, or never was there, is not."""
    memory = counted(world())
    with pytest.raises(NotFound):
        memory.perform(AttestMember(ORG, "acc_nobody"), OWNER)


def test_who_leaves_and_comes_back_is_counted_anew() -> None:
    """A suspension does not outlive the membership."""
    memory = counted(world())
    lapse(memory)
    memory.perform(RemoveMember(ORG, MEMBER), OWNER)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()
    join(memory, MEMBER)
    assert suspended(memory) == frozenset()
    memory.perform(BeginAttestation(ORG), CLOCK)
    assert memory.state(ORG).attested.due[MEMBER] == attestation.due_from(memory.now)


def test_a_former_owner_is_counted_anew() -> None:
    """Nobody had to speak for them while they owned it; they are not suspended in that hour."""
    memory = counted(world())
    memory.now = due(memory) + attestation.GRACE
    memory.perform(AttestMember(ORG, MEMBER), OWNER)
    memory.perform(OfferOwnership(ORG, MEMBER), OWNER)
    heir = Actor(MEMBER, memberships={ORG: frozenset({"member"})}, strength=Strength.PASSKEY)
    memory.perform(AcceptOwnership(ORG), heir)
    assert memory.perform(SuspendUnattested(ORG), CLOCK) == ()
    (began,) = memory.perform(BeginAttestation(ORG), CLOCK)
    assert began == e.AttestationBegan(OWNER.id, attestation.due_from(memory.now))


def test_whoever_is_suspended_does_not_come_to_own_it() -> None:
    """It is not offered to them; and an offer from before is not accepted meanwhile."""
    memory = counted(world())
    memory.perform(OfferOwnership(ORG, MEMBER), OWNER)
    lapse(memory)
    heir = Actor(MEMBER, memberships={ORG: frozenset({"member"})}, strength=Strength.PASSKEY)
    with pytest.raises(NotNow):
        memory.perform(AcceptOwnership(ORG), heir)
    with pytest.raises(Invalid):
        memory.perform(OfferOwnership(ORG, MEMBER), OWNER)


def test_who_speaks_and_who_does_not() -> None:
    """Owner and admins with a passkey; no clock, no directory, no staff gives anything back."""
    for kind, verb in (("organization", "attest_member"), ("grant", "attest_credential"),
                       ("grant", "resume_holder")):  # fmt: skip
        assert {r for (k, _), row in roles.TABLE.items() if k == kind
                for r, verbs in row.items() if verb in verbs} == {"owner", "admin"}  # fmt: skip
        assert (kind, verb) in roles.NEEDS_PASSKEY & roles.APPROVING
    with pytest.raises(StrengthNeeded):
        counted(world()).perform(AttestMember(ORG, MEMBER), replace(OWNER, strength=Strength.TOTP))


# ---------------------------------------------------------------- keys


def granted() -> Memory:
    """A grant with one key in an admin's name, and one in the owner's; all is counted."""
    memory = until("granted")
    join(memory, ADA.id, "admin")
    for key, who in (("cred_ada", ADA), ("cred_own", OWNER)):
        memory.perform(RegisterCredential(GRANT, key, key, {}, TEXT), who)
    counted(memory)
    memory.perform(begin_keys.BeginAttestation(GRANT), CLOCK)
    return memory


def held(memory: Memory, key: str) -> frozenset[str]:
    state: Any = memory.state(GRANT)
    found: frozenset[str] = state.held.get(key, frozenset())
    return found


def lapse_keys(memory: Memory) -> tuple[object, ...]:
    end = calendar.parse(memory.state(GRANT).due["cred_ada"])
    assert end is not None
    memory.now = end + attestation.GRACE
    return memory.perform(suspend_keys.SuspendUnattested(GRANT), CLOCK)


def test_a_key_lapses_and_comes_back_by_a_word() -> None:
    """Once each; the owner's key needs a word as well, and its holder may give it."""
    memory = granted()
    assert memory.perform(begin_keys.BeginAttestation(GRANT), CLOCK) == ()
    assert memory.perform(suspend_keys.SuspendUnattested(GRANT), CLOCK) == ()
    assert memory.perform(AttestCredential(GRANT, "cred_own"), OWNER) == ()
    found = lapse_keys(memory)
    assert found == tuple(
        g.CredentialSuspended(key, "not_attested") for key in ("cred_ada", "cred_own")
    )
    assert memory.perform(suspend_keys.SuspendUnattested(GRANT), CLOCK) == ()
    said = memory.perform(AttestCredential(GRANT, "cred_own"), OWNER)
    assert said == (
        g.CredentialAttested("cred_own", attestation.due_from(memory.now)),
        g.CredentialResumed("cred_own", "not_attested"),
    )
    assert (held(memory, "cred_own"), held(memory, "cred_ada")) == (set(), {"not_attested"})


def test_a_key_goes_with_its_holder_and_comes_back_with_them() -> None:
    """In the same transaction as the membership; the keys of others stay as they are."""
    memory = granted()
    found = lapse(memory)
    assert g.CredentialSuspended("cred_ada", "holder_suspended") in found
    assert held(memory, "cred_own") == set()
    back = memory.perform(AttestMember(ORG, ADA.id), OWNER)
    assert back[-1] == g.CredentialResumed("cred_ada", "holder_suspended")


@pytest.mark.parametrize("first", ["holder_suspended", "not_attested"])
def test_each_reason_is_lifted_by_itself(first: str) -> None:
    """A word for the person gives no key back for which nobody spoke, nor the other way round."""
    memory = granted()
    lapse(memory)
    lapse_keys(memory)
    assert held(memory, "cred_ada") == {"holder_suspended", "not_attested"}
    words = {"holder_suspended": AttestMember(ORG, ADA.id),
             "not_attested": AttestCredential(GRANT, "cred_ada")}  # fmt: skip
    memory.perform(words[first], OWNER)
    assert held(memory, "cred_ada") == words.keys() - {first}
    for word in words.values():
        memory.perform(word, OWNER)
    assert held(memory, "cred_ada") == set()


def test_a_resumed_grant_gives_no_key_back_that_nobody_spoke_for() -> None:
    """What holds the key is its own; and a word while the grant is suspended is kept."""
    memory = granted()
    memory.perform(Suspend(GRANT, "under_investigation"), MO)
    lapse_keys(memory)
    memory.perform(AttestCredential(GRANT, "cred_own"), OWNER)
    assert memory.state(GRANT).phase == "suspended"
    memory.perform(Resume(GRANT), MO)
    assert (held(memory, "cred_ada"), held(memory, "cred_own")) == ({"not_attested"}, set())


def test_nobody_turns_the_suspension_of_a_holder_against_a_member() -> None:
    """What follows from a suspension looks at the organization itself, both ways."""
    memory = granted()
    with pytest.raises(NotNow):
        memory.perform(SuspendHolder(GRANT, ADA.id), CLOCK)
    lapse(memory)
    with pytest.raises(NotNow):
        memory.perform(ResumeHolder(GRANT, ADA.id), OWNER)
    with pytest.raises(NotNow):  # suspended is not gone
        memory.perform(DropHolder(GRANT, ADA.id), OWNER)


def test_a_suspended_admin_registers_and_speaks_for_no_key() -> None:
    """Also when their request came in before the suspension."""
    memory = granted()
    lapse(memory)
    with pytest.raises(NotAllowed):
        memory.perform(RegisterCredential(GRANT, "cred_new", "new", {}, TEXT), ADA)
    with pytest.raises(NotAllowed):
        memory.perform(AttestCredential(GRANT, "cred_own"), ADA)


def test_removing_whoever_is_suspended_revokes_their_keys() -> None:
    """For good, as of everybody who goes."""
    memory = granted()
    lapse(memory)
    found = memory.perform(RemoveMember(ORG, ADA.id), OWNER)
    assert g.CredentialRevoked("cred_ada", "member_gone") in found


@pytest.mark.parametrize("standing", ["suspended_in", "guest_of"])
def test_whoever_is_out_may_leave_and_their_keys_end(standing: str) -> None:
    """Suspended, or made a guest after they had registered a key: going needs nobody's word."""
    memory = granted()
    if standing == "suspended_in":
        lapse(memory)
    else:
        memory.perform(ChangeRole(ORG, ADA.id, "guest"), OWNER)
    found = memory.perform(Leave(ORG), Actor(ADA.id, **{standing: frozenset({ORG})}))
    assert found == (e.MemberLeft(ADA.id), g.CredentialRevoked("cred_ada", "member_gone"))


def test_whoever_is_suspended_may_leave_and_nothing_else() -> None:
    """In every phase of everything."""
    found = {at: set(row["suspended"]) for at, row in roles.TABLE.items() if "suspended" in row}
    assert found == {
        ("organization", "active"): {"leave"},
        ("grant", "active"): {"drop_holder"}, ("grant", "suspended"): {"drop_holder"},
    }  # fmt: skip


def test_a_revoked_or_unknown_key_is_not_spoken_for() -> None:
    """And no clock suspends what is revoked."""
    memory = granted()
    memory.perform(RevokeCredential(GRANT, "cred_ada", "error"), OWNER)
    assert lapse_keys(memory) == (g.CredentialSuspended("cred_own", "not_attested"),)
    with pytest.raises(NotNow):
        memory.perform(AttestCredential(GRANT, "cred_ada"), OWNER)
    with pytest.raises(NotFound):
        memory.perform(AttestCredential(GRANT, "cred_x"), OWNER)


def test_a_suspended_member_of_staff_does_not_judge_their_own() -> None:
    """Their organization is theirs, whatever it opens to them."""
    memory = granted()
    memory.perform(Suspend(GRANT, "under_investigation"), MO)
    with pytest.raises(NotAllowed):
        memory.perform(Resume(GRANT), replace(MO, suspended_in=frozenset({ORG})))


def test_all_of_a_day_is_one_piece_of_work() -> None:
    """Two members counted on one day make two reminders and one end; a new member one count."""
    memory = world()
    counts = [f for f in memory.effects if f.kind == "mind_attestation"]
    assert [f.payload["step"] for f in counts] == ["begin", "begin"]
    counted(memory)
    work = {f.key: f for f in memory.effects if f.payload.get("step") in ("remind", "end")}
    assert sorted(f.due[:10] for f in work.values()) == ["2026-05-18", "2026-05-29", "2026-06-08"]
