"""An application by commands: every way forward, and every refusal by its code."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from tests.core.histories import (
    APP,
    ASKED,
    AUD,
    CHECKS,
    DANA,
    GRANT,
    IRIS,
    MO,
    OPERATOR,
    ORG,
    OWNER,
    RAE,
    RAY,
    RIO,
    SHIPPED,
    SIGNED,
    TEXT,
    decision,
    documents,
    found,
    opinion,
    pass_checks,
    review,
    staff,
    submission,
    until,
    world,
)  # fmt: skip
from workflows import calendar, program, signatures
from workflows.actors import Actor, Strength, robot
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.application.events import Decided, DecisionSigned
from workflows.errors import NotAllowed, NotNow, Refused, StrengthNeeded
from workflows.policy.commands.activate import Activate
from workflows.vaulted import Vaulted

BOTS = robot("tests")


def refused(memory: Any, command: Any, actor: Actor) -> Refused:
    """The refusal of a command, which wrote nothing."""
    before = {k: list(v) for k, v in memory.streams.items()}
    with pytest.raises(Refused) as no:
        memory.perform(command, actor)
    assert memory.streams == before
    return no.value


def test_the_whole_way() -> None:
    """Submitted, checked, reviewed by two, decided by a third: the grant is open, to the letter."""
    memory = until("granted")
    assert memory.state(APP).phase == "approved"
    grant = memory.state(GRANT)
    assert (grant.phase, grant.org_id, grant.scopes) == ("active", ORG, ASKED)
    vetting = {e.kind for e in memory.effects} - {"send_invitation", "forget_invitation"}
    assert vetting == {
        "make_check", "send_notice", "expire_grant", "sort_person", "mind_attestation",
    }  # fmt: skip


def test_submission_promises_a_date_in_working_days() -> None:
    """Five working days from a Monday morning is the next Monday morning."""
    event: Any = until("checking").streams[APP][0]
    assert event.promised_at == "2026-03-09T09:00:00.000000Z"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"tier": "royal"}, "invalid", "tier"),
        ({"scopes": ()}, "invalid", "scopes"),
        ({"scopes": ("vuln:research",)}, "invalid", "scopes"),
        ({"answered": ()}, "incomplete", "legal_name"),
        ({"files": ()}, "incomplete", "proof"),
        ({"terms": ()}, "invalid", "terms"),
        ({"declared": False}, "invalid", "declared"),
        ({"program_version": "v0"}, "program_changed", ""),
    ],
)
def test_a_submission_that_lacks_something(changes: Any, code: str, field: str) -> None:
    """What is missing is named at its field; nothing is written."""
    memory = world()
    memory.programs["v0"] = SHIPPED
    no = refused(memory, submission(**changes), OWNER)
    assert no.code == code
    assert not field or field in no.fields


def test_a_higher_tier_holds_the_lower_ones_scopes() -> None:
    """Who asks for testing may ask for code review with it."""
    memory = world()
    memory.perform(
        submission(tier="authorized-testing", scopes=("pentest:assist", "code:review")), OWNER
    )
    assert memory.state(APP).phase == "checking"


def test_only_members_submit_and_only_once() -> None:
    """A stranger may not submit for an organization, nor anybody twice."""
    memory = world()
    assert isinstance(refused(memory, submission(), RAE), NotAllowed)
    memory.perform(submission(), OWNER)
    assert isinstance(refused(memory, submission(), OWNER), NotNow)


def test_the_version_is_pinned() -> None:
    """A new version of the program does not move an application that is under way."""
    memory = until("reviewing")
    docs = documents()
    docs["program.toml"]["tiers"][0]["reviewers"] = 4
    memory.programs["v2"] = program.parse(docs, "v2")
    memory.perform(Activate("pol_cyber-defense", "cyber-defense", "v2", {}), OPERATOR)
    review(memory, RAE)
    review(memory, RIO)
    assert memory.state(APP).phase == "deciding"


@pytest.mark.parametrize("verdict", ["fail", "stale", "unavailable", "needs-human"])
def test_what_does_not_pass_does_not_advance(verdict: str) -> None:
    """Nothing but a pass, or a person's clearance, lets an application go on."""
    memory = until("checking")
    for check in CHECKS[:-1]:
        memory.perform(found(check), BOTS)
    memory.perform(found(CHECKS[-1], verdict), BOTS)
    assert memory.state(APP).phase == "checking"


def test_a_check_counts_once_a_round() -> None:
    """A second record of a round, one of an old round, or of an unknown check changes nothing."""
    memory = until("checking")
    memory.perform(found("domain_control", "fail"), BOTS)
    assert memory.perform(found("domain_control", "pass"), BOTS) == ()
    assert memory.perform(found("astrology"), BOTS) == ()
    memory.perform(RequestCheck(APP, "domain_control"), OWNER)
    assert memory.perform(found("domain_control", "pass", 1), BOTS) == ()
    memory.perform(found("domain_control", "pass", 2), BOTS)
    assert memory.state(APP).checks["domain_control"].settled


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("", "check_running"), ("pass", "check_settled"), ("needs-human", "check_needs_person")],
)
def test_a_check_is_not_asked_for_again(verdict: str, code: str) -> None:
    """A running or passed check stands, and a hit cannot be rolled again until it goes away."""
    memory = until("checking")
    if verdict:
        memory.perform(found("sanctions_name", verdict), BOTS)
    assert refused(memory, RequestCheck(APP, "sanctions_name"), IRIS).code == code


def test_a_person_clears_a_hit_with_a_reason() -> None:
    """Intake clears what only a person can decide, and that completes the stage."""
    memory = until("checking")
    for check in CHECKS:
        memory.perform(found(check, "needs-human" if check == "sanctions_name" else "pass"), BOTS)
    memory.perform(ClearCheck(APP, "sanctions_name", TEXT), IRIS)
    assert memory.state(APP).phase == "reviewing"


@pytest.mark.parametrize("verdict", ["fail", "stale", "unavailable"])
def test_facts_are_not_cleared_away(verdict: str) -> None:
    """Nobody clears a failed, stale or unavailable check."""
    memory = until("checking")
    memory.perform(found("domain_control", verdict), BOTS)
    assert refused(memory, ClearCheck(APP, "domain_control", TEXT), IRIS).code == "not_clearable"


def test_unknown_checks_are_not_found() -> None:
    """A check that the application does not have is not found."""
    memory = until("checking")
    assert refused(memory, ClearCheck(APP, "x", TEXT), IRIS).code == "not_found"
    assert refused(memory, RequestCheck(APP, "x"), OWNER).code == "not_found"


def test_a_conflict_is_declared_before_the_file_opens() -> None:
    """No seat without the declaration; taking it twice is one seat."""
    memory = until("reviewing")
    assert refused(memory, TakeSeat(APP, no_conflict=False), RAE).code == "invalid"
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    assert memory.perform(TakeSeat(APP, no_conflict=True), RAE) == ()
    assert memory.state(APP).seats == (RAE.id,)


def test_seats_are_as_many_as_the_quorum() -> None:
    """A third reviewer finds no seat; when one stands back, it is theirs."""
    memory = until("reviewing")
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    memory.perform(TakeSeat(APP, no_conflict=True), RIO)
    assert refused(memory, TakeSeat(APP, no_conflict=True), RAY).code == "seats_full"
    memory.perform(Recuse(APP, TEXT), RIO)
    memory.perform(TakeSeat(APP, no_conflict=True), RAY)
    assert refused(memory, TakeSeat(APP, no_conflict=True), RIO).code == "recused"


def test_nobody_is_on_both_sides() -> None:
    """Staff who belong to the organization neither clear, sit, review nor decide."""
    own = {ORG: frozenset({"member"})}
    memory = until("checking")
    memory.perform(found("sanctions_name", "needs-human"), BOTS)
    iris = staff("i2", "intake", memberships=own)
    assert refused(memory, ClearCheck(APP, "sanctions_name", TEXT), iris).code == "own_organization"
    memory = until("reviewing")
    rae = staff("r2", "reviewer", memberships=own)
    assert refused(memory, TakeSeat(APP, no_conflict=True), rae).code == "own_organization"
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    joined = staff("rae", "reviewer", memberships=own)
    assert refused(memory, opinion(), joined).code == "own_organization"
    memory = until("deciding")
    dana = staff("d2", "decider", memberships=own)
    assert refused(memory, decision(memory), dana).code == "own_organization"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"recommendation": "shrug"}, "recommendation"), ({"scores": {}}, "identity"),
     ({"scores": {c.id: 99 for c in SHIPPED.rubric}}, "purpose")],
)  # fmt: skip
def test_a_review_is_whole(changes: Any, field: str) -> None:
    """A recommendation of three, and a level that exists on every criterion."""
    memory = until("reviewing")
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    assert field in refused(memory, opinion(**changes), RAE).fields


def test_a_review_is_given_once_from_a_seat() -> None:
    """No review without a seat, none twice, and no standing back after it."""
    memory = until("reviewing")
    assert refused(memory, opinion(), RAE).code == "no_seat"
    review(memory, RAE)
    assert refused(memory, opinion(), RAE).code == "already_reviewed"
    assert refused(memory, Recuse(APP, TEXT), RAE).code == "already_reviewed"
    assert memory.state(APP).phase == "reviewing"


def test_who_reviewed_or_stood_back_does_not_decide() -> None:
    """The decision is for somebody who held no seat, whatever roles they have."""
    memory = until("reviewing")
    both = staff("both", "reviewer", "decider")
    memory.perform(Recuse(APP, TEXT), both)
    review(memory, RAE)
    review(memory, RIO)
    rae = staff("rae", "reviewer", "decider")
    for actor in (both, rae):
        assert refused(memory, decision(memory), actor).code == "reviewed_here"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": "maybe"}, "invalid"),
        ({"scopes": ()}, "reason_missing"),
        ({"scopes": (), "reasons": ("scope_beyond_purpose",)}, "invalid"),
        ({"scopes": ("vuln:research",)}, "beyond_asked"),
        ({"scopes": ("malware:analyze",)}, "reason_missing"),
        ({"scopes": ("malware:analyze",), "reasons": ("identity_unproven",)}, "reason_missing"),
        ({"outcome": "denied"}, "reason_missing"),
        ({"outcome": "denied", "reasons": ("capacity_limited",)}, "reason_missing"),
        ({"reasons": ("answers_untrue",)}, "reason_unfit"),
        ({"expires_at": "2026-04-soon"}, "invalid"),
        ({"reasons": ("because",)}, "invalid"),
        ({"expires_at": "2026-03-02T08:00:00.000000Z"}, "invalid"),
        ({"expires_at": ""}, "invalid"),
        ({"signature": None}, "signature_missing"),
        (
            {"outcome": "denied", "reasons": ("purpose_unclear",), "signature": None},
            "signature_missing",
        ),
        ({"expires_at": calendar.iso(until("checking").now + timedelta(days=366))}, "invalid"),
    ],
)
def test_a_decision_that_breaks_a_rule(changes: Any, code: str) -> None:
    """A grant never exceeds what was asked and allowed; less, or nothing, needs a reason."""
    memory = until("deciding")
    assert refused(memory, decision(memory, **changes), DANA).code == code
    assert memory.state(APP).phase == "deciding"


def test_less_than_asked_is_granted_with_a_reason() -> None:
    """A narrower grant holds what was decided, not what was asked."""
    memory = until("deciding")
    less = {"scopes": ("malware:analyze",), "reasons": ("scope_beyond_purpose",)}
    memory.perform(decision(memory, **less), DANA)
    assert memory.state(GRANT).scopes == ("malware:analyze",)


def test_a_decision_carries_its_signature() -> None:
    """The proof that was handed in follows the decision; a broken rule is named before it."""
    memory = until("deciding")
    unsigned = decision(memory, scopes=(), signature=None)
    assert refused(memory, unsigned, DANA).code == "reason_missing"
    memory.perform(decision(memory), DANA)
    decided, proof = memory.streams[APP][-2:]
    assert isinstance(decided, Decided)
    assert isinstance(proof, DecisionSigned)
    assert dataclasses.asdict(proof) == dataclasses.asdict(SIGNED)


def test_what_is_signed_names_every_part_of_the_decision() -> None:
    """Changing any member of the decision, the case or the program changes what is signed."""
    command = decision(until("deciding"))
    whole = signatures.content(APP, "v1", command)
    other = Vaulted("vlt_y", "1" * 64)
    changes: tuple[dict[str, Any], ...] = (
        {"outcome": "denied"}, {"scopes": ("code:review",)}, {"reasons": ("purpose_unclear",)},
        {"expires_at": ""}, {"grant_id": "gr_9"}, {"letter": other}, {"note": other},
    )  # fmt: skip
    contents = [signatures.content(APP, "v1", dataclasses.replace(command, **c)) for c in changes]
    contents += [signatures.content("app_2", "v1", command), signatures.content(APP, "v2", command)]
    assert len({repr(c) for c in (whole, *contents)}) == len(changes) + 3
    assert set(whole) == {f for c in changes for f in c} | {"application", "program_version"}


def test_a_denial_opens_nothing() -> None:
    """A denial has reasons, and no grant follows."""
    memory = until("deciding")
    memory.perform(decision(memory, outcome="denied", reasons=("purpose_unclear",)), DANA)
    assert memory.state(APP).phase == "denied"
    assert GRANT not in memory.streams


def test_approving_against_a_reviewer_needs_a_note() -> None:
    """Who approves although a reviewer said deny writes down why."""
    memory = until("reviewing")
    review(memory, RAE, "deny")
    review(memory, RIO)
    assert refused(memory, decision(memory), DANA).code == "note_missing"
    memory.perform(decision(memory, note=TEXT), DANA)
    assert memory.state(APP).phase == "approved"


@pytest.mark.parametrize("phase", ["checking", "reviewing", "deciding"])
def test_an_application_is_taken_back_until_it_is_decided(phase: str) -> None:
    """Withdrawn means withdrawn: nothing happens to it any more."""
    memory = until(phase)
    memory.perform(Withdraw(APP), OWNER)
    for command, actor in ((TakeSeat(APP, no_conflict=True), RAY), (decision(memory), DANA),
                           (Withdraw(APP), OWNER)):  # fmt: skip
        assert isinstance(refused(memory, command, actor), NotNow)


def test_a_decided_application_is_not_taken_back() -> None:
    """After the decision there is nothing to withdraw."""
    assert isinstance(refused(until("granted"), Withdraw(APP), OWNER), NotNow)


@pytest.mark.parametrize("actor", [MO, AUD, RAE, IRIS, OWNER, BOTS, OPERATOR])
def test_only_a_decider_decides(actor: Actor) -> None:
    """No other role, no robot and no operator decides."""
    memory = until("deciding")
    assert isinstance(refused(memory, decision(memory), actor), NotAllowed)


def test_power_asks_for_a_passkey() -> None:
    """A decider who signed in by a mailed link is asked for their passkey."""
    memory = until("deciding")
    weak = Actor(DANA.id, roles=DANA.roles, strength=Strength.LINK)
    assert isinstance(refused(memory, decision(memory), weak), StrengthNeeded)


def test_the_top_tier_takes_three_reviewers() -> None:
    """Two reviews are no quorum where the tier asks for three."""
    memory = world()
    memory.perform(submission(tier="vulnerability-research", scopes=("vuln:research",)), OWNER)
    pass_checks(memory)
    review(memory, RAE)
    review(memory, RIO)
    assert memory.state(APP).phase == "reviewing"
    review(memory, RAY)
    assert memory.state(APP).phase == "deciding"
