"""Edges of the core's rules, each of which a change of one comparison would move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.core.histories import (
    APP,
    ASKED,
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
    START,
    TEXT,
    Memory,
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
from workflows import calendar, letters, program, reactions, registry, roles, seats, visibility
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.erase import Erase
from workflows.account.commands.open import Open as OpenAccount
from workflows.account.events import RoleEnded
from workflows.actors import Actor, operator, robot
from workflows.application import events as a
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.state import State as ApplicationState
from workflows.context import Context
from workflows.errors import Invalid, NotAllowed, NotFound, NotNow, Refused
from workflows.grant import events as g
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.open import Open
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.suspend import Suspend
from workflows.key.commands.activate import Activate as ActivateKey
from workflows.key.commands.create import Create
from workflows.key.commands.destroy import Destroy
from workflows.key.commands.retire import Retire
from workflows.organization.state import State as OrganizationState
from workflows.policy.commands.activate import Activate
from workflows.program import ProgramInvalid
from workflows.service import events as service
from workflows.service.commands.register import Register as RegisterService
from workflows.words import describe

BOTS = robot("tests")
KEY = RegisterCredential(GRANT, "cred_1", "jkt", {"kty": "EC"}, TEXT)


def code(memory: Memory, command: Any, actor: Actor) -> str:
    with pytest.raises(Refused) as no:
        memory.perform(command, actor)
    return no.value.code


# ---------------------------------------------------------------- quorum


def test_a_quorum_counts_seated_people_alone() -> None:
    """A review from no seat, or of one who stood back, is no voice."""
    two = {"acc_rae": "approve", "acc_rio": "approve"}
    both = ("acc_rae", "acc_rio")
    state = ApplicationState(tier="verified-defender", seats=both, reviews=two)
    assert seats.quorum_met(state, SHIPPED)
    unseated = ApplicationState(tier="verified-defender", seats=both[:1], reviews=two)
    assert not seats.quorum_met(unseated, SHIPPED)
    gone = ApplicationState(
        tier="verified-defender", seats=both, reviews=two, recused=frozenset({"acc_rio"})
    )
    assert not seats.quorum_met(gone, SHIPPED)


def test_a_decision_asks_for_the_quorum_itself() -> None:
    """Even a case that stands in the decision stage is not decided on one review."""
    state = ApplicationState(tier="verified-defender", phase="deciding", seats=("acc_rae",),
                             reviews={"acc_rae": "approve"})  # fmt: skip
    context = Context(DANA, START, SHIPPED, {"": OrganizationState()})
    with pytest.raises(NotNow) as no:
        seats.check_may_decide(state, context)
    assert no.value.code == "quorum_missing"


def test_standing_back_twice_is_once() -> None:
    """The second recusal of one person writes nothing, also with no seat taken before."""
    memory = until("reviewing")
    assert memory.perform(Recuse(APP, TEXT), RAE) == (a.Recused(RAE.id, TEXT),)
    assert memory.perform(Recuse(APP, TEXT), RAE) == ()


def test_a_review_scores_the_rubric_and_nothing_else() -> None:
    """A score for a criterion that the rubric does not have is refused."""
    memory = until("reviewing")
    memory.perform(TakeSeat(APP, no_conflict=True), RAE)
    scores = {c.id: c.levels[0].score for c in SHIPPED.rubric}
    assert code(memory, opinion(scores={**scores, "charm": 3}), RAE) == "invalid"
    memory.perform(opinion(scores=scores), RAE)


# ---------------------------------------------------------------- checks


def test_a_clearance_is_given_once() -> None:
    """What a person has cleared cannot be cleared again."""
    memory = until("checking")
    memory.perform(found("sanctions_name", "needs-human"), BOTS)
    memory.perform(ClearCheck(APP, "sanctions_name", TEXT), IRIS)
    assert code(memory, ClearCheck(APP, "sanctions_name", TEXT), IRIS) == "not_clearable"
    assert code(memory, RequestCheck(APP, "sanctions_name"), IRIS) == "check_settled"


@pytest.mark.parametrize("verdict", ["", "pass", "fail", "needs-human", "stale", "unavailable"])
def test_an_applicant_cannot_ask_what_the_lists_said(verdict: str) -> None:
    """Asking for the screening again is the same whatever it found, for staff who belong too."""
    memory = until("checking")
    if verdict:
        memory.perform(found("sanctions_name", verdict), BOTS)
    own = staff("iris", "intake", memberships={ORG: frozenset({"member"})})
    for actor in (OWNER, own):
        with pytest.raises(NotFound) as no:
            memory.perform(RequestCheck(APP, "sanctions_name"), actor)
        with pytest.raises(NotFound) as nothing:
            memory.perform(RequestCheck(APP, "astrology"), actor)
        assert no.value.args == nothing.value.args
    assert not [e for e in memory.streams[APP] if getattr(e, "round", 0) > 1]


def test_intake_has_the_screening_made_again() -> None:
    """Stale lists are no dead end: staff ask for the check, under the next number."""
    memory = until("checking")
    memory.perform(found("sanctions_name", "stale"), BOTS)
    made = memory.perform(RequestCheck(APP, "sanctions_name"), IRIS)
    assert made == (a.CheckRequested("sanctions_name", 2),)
    assert len({e.key for e in memory.effects if e.kind == "make_check"}) == len(CHECKS) + 1


# ---------------------------------------------------------------- submission and decision


@pytest.mark.parametrize("change", ["one missing", "one unknown"])
def test_the_terms_are_these_terms(change: str) -> None:
    """Each term is accepted, and no other."""
    terms = tuple(t.id for t in SHIPPED.terms)
    wrong = terms[1:] if change == "one missing" else (*terms, "other")
    assert code(world(), submission(terms=wrong), OWNER) == "invalid"


@pytest.mark.parametrize(("seconds", "fits"), [(-1, False), (0, False), (1, True)])
def test_a_grants_end_is_after_now(seconds: int, fits: bool) -> None:
    """This very moment is not an end; the next second is."""
    memory = until("deciding")
    end = calendar.iso(memory.now + timedelta(seconds=seconds))
    _decided(memory, end, fits)


@pytest.mark.parametrize(("seconds", "fits"), [(0, True), (1, False)])
def test_a_grants_end_is_within_the_tiers_days(seconds: int, fits: bool) -> None:
    """The last moment that the tier allows is allowed; a second more is not."""
    memory = until("deciding")
    tier = SHIPPED.tier("verified-defender")
    assert tier
    end = calendar.iso(memory.now + timedelta(days=tier.grant_days, seconds=seconds))
    _decided(memory, end, fits)


def _decided(memory: Memory, end: str, fits: bool) -> None:
    if fits:
        memory.perform(decision(memory, expires_at=end), DANA)
        assert memory.state(GRANT).expires_at == end
    else:
        with pytest.raises(Invalid) as no:
            memory.perform(decision(memory, expires_at=end), DANA)
        assert "expires_at" in no.value.fields


def test_a_denial_grants_nothing_whatever_came_with_it() -> None:
    """Scopes, an end and a grant's id that were sent along with a denial are not kept."""
    memory = until("deciding")
    denial = decision(memory, outcome="denied", reasons=("purpose_unclear",))
    assert denial.scopes
    assert denial.grant_id
    memory.perform(denial, DANA)
    state = memory.state(APP)
    assert (state.granted, state.grant_id, state.expires_at) == ((), "", "")
    assert [e.payload["what"] for e in memory.effects if "decided" in e.key] == ["decided"]


def test_a_denial_that_a_reviewer_asked_for_needs_no_note() -> None:
    """The note is owed by who approves against a reviewer, not by who agrees with them."""
    memory = until("reviewing")
    review(memory, RAE, "deny")
    review(memory, RIO, "deny")
    memory.perform(decision(memory, outcome="denied", reasons=("purpose_unclear",)), DANA)
    assert memory.state(APP).phase == "denied"


# ---------------------------------------------------------------- grants


def test_a_denied_case_opens_no_grant_by_its_id() -> None:
    """The decision's outcome counts, not an id that happens to stand in the state."""
    entry = registry.commands()[Open]
    denied = ApplicationState(id=APP, phase="denied", grant_id=GRANT)
    context = Context(DANA, world().now, SHIPPED, {APP: denied})
    with pytest.raises(NotAllowed):
        entry.decide(registry.fold(GRANT, ()), Open(GRANT, application=APP), context)


def test_a_grant_past_its_end_takes_no_key_though_the_clock_is_late() -> None:
    """Expired means expired from its minute on, whenever the robot comes to say so."""
    memory = until("granted")
    memory.now = memory.now + timedelta(days=100) - timedelta(seconds=1)
    memory.perform(KEY, OWNER)
    memory.now += timedelta(seconds=1)
    assert code(memory, KEY, OWNER) == "not_now"
    memory.perform(Expire(GRANT), BOTS)
    assert code(memory, KEY, OWNER) == "not_now"


def test_a_key_is_on_record_with_who_registered_it() -> None:
    """The registration names its actor, and cannot be made to name another."""
    memory = until("granted")
    (event,) = memory.perform(KEY, OWNER)
    assert isinstance(event, g.CredentialRegistered)
    assert event.registered_by == OWNER.id


def test_nobody_gives_a_grant_back_to_their_own_organization() -> None:
    """A program manager who belongs to the organization may not resume its grant."""
    memory = until("granted")
    memory.perform(Suspend(GRANT, "error"), MO)
    own = staff("mo", "program_manager", memberships={ORG: frozenset({"member"})})
    assert code(memory, Resume(GRANT), own) == "own_organization"
    memory.perform(Resume(GRANT), MO)


def test_what_people_are_told() -> None:
    """Each event that changes somebody's standing is told once, under a key of its own."""
    memory = until("granted")
    memory.perform(Suspend(GRANT, "error"), MO)
    memory.perform(Resume(GRANT), MO)
    memory.now += timedelta(days=100)
    memory.perform(Expire(GRANT), BOTS)
    told = [e for e in memory.effects if e.kind == "send_notice"]
    assert [e.payload["what"] for e in told] == [
        "member_joined", "submitted", "decided", "suspended", "resumed", "expired",
    ]  # fmt: skip
    assert len({e.key for e in told}) == len(told)
    (end,) = (e for e in memory.effects if e.kind == "expire_grant")
    assert end.due == memory.state(GRANT).expires_at


def test_a_revocation_and_a_new_passkey_are_told() -> None:
    """Losing a grant and gaining a passkey go out by mail."""
    revoked = list(reactions.react(GRANT, 4, g.Revoked("error", None)))
    assert [e.payload["what"] for e in revoked if isinstance(e, reactions.Effect)] == ["revoked"]
    memory = Memory()
    memory.perform(OpenAccount("acc_p", TEXT, TEXT), OPERATOR)
    memory.perform(AddPasskey("acc_p", "k", "c", "aa", False, TEXT), Actor("acc_p"))
    assert [e.payload["what"] for e in memory.effects] == ["passkey_added"]


# ---------------------------------------------------------------- accounts, services, policy


def test_a_role_that_ended_makes_room_for_its_opposite() -> None:
    """After the end of one role of a pair the other may be held."""
    memory = Memory()
    memory.perform(OpenAccount("acc_p", TEXT, TEXT), OPERATOR)
    memory.perform(Appoint("acc_p", "reviewer"), OPERATOR)
    memory.streams["acc_p"].append(RoleEnded("reviewer"))
    memory.perform(Appoint("acc_p", "decider"), OPERATOR)
    assert memory.state("acc_p").roles == {"decider"}


def test_an_erased_account_keeps_no_key_and_no_role() -> None:
    """After an erasure nothing is left in the account to sign in or to act with."""
    memory = Memory()
    memory.perform(OpenAccount("acc_p", TEXT, TEXT), OPERATOR)
    memory.perform(AddPasskey("acc_p", "k", "c", "aa", False, TEXT), Actor("acc_p"))
    memory.perform(Appoint("acc_p", "reviewer"), OPERATOR)
    memory.perform(Erase("acc_p", "asked for"), OPERATOR)
    state = memory.state("acc_p")
    assert (state.phase, state.passkeys, state.roles) == ("erased", (), frozenset())


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1:9", "[::1]:9"])
def test_plain_http_is_for_loopback_alone(host: str) -> None:
    """A service on one's own machine may speak http; no other may."""
    memory, dev = Memory(), staff("dev", "service_developer")
    memory.perform(RegisterService("svc_1", "M", f"http://{host}", ASKED), dev)
    with pytest.raises(Invalid):
        memory.perform(RegisterService("svc_2", "M", "http://localhost.example", ASKED), dev)


def test_a_retired_service_is_retired() -> None:
    """Nobody approves or keys a service after its end."""
    memory = Memory()
    memory.streams["svc_1"] = [service.Registered("M", "https://a.example", ASKED, "acc_dev"),
                               service.Approved(), service.Retired("done")]  # fmt: skip
    assert memory.state("svc_1").phase == "retired"
    assert not any(kind == "service" and phase == "retired" for kind, phase in roles.TABLE)


def test_the_version_in_force_is_not_activated_again() -> None:
    """Activating what is active writes nothing; going back to an older version does."""
    memory = world()
    command = Activate("pol_cyber-defense", "cyber-defense", "v1", {})
    assert memory.perform(command, OPERATOR) == ()
    memory.perform(Activate("pol_cyber-defense", "cyber-defense", "v2", {}), OPERATOR)
    memory.perform(command, OPERATOR)
    assert memory.state("pol_cyber-defense").active == "v1"


# ---------------------------------------------------------------- roles, phase by phase

# What machines may do, whole: a verb added to them must be added here, by somebody who means it.
ROBOTS = {
    ("account", "open"): {"complete_recovery", "erase"},
    ("organization", "active"): {
        "verify_domain", "contest_domain", "lapse_domain", "restore_domain", "lose_domain",
        "prove_sign_on", "begin_attestation", "suspend_unattested", "drop_erased",
    },
    ("application", "checking"): {"record_check", "withdraw_of_closed"},
    ("application", "reviewing"): {"withdraw_of_closed", "vacate_seat"},
    ("application", "deciding"): {"withdraw_of_closed"},
    ("grant", "active"): {
        "expire", "suspend_unproven", "drop_holder",
        "begin_attestation", "suspend_unattested", "suspend_holder",
    },
    ("grant", "suspended"): {
        "expire", "drop_holder", "begin_attestation", "suspend_unattested", "suspend_holder",
    },
    ("emergency", "active"): {"end_break_glass"},
    ("key", "retiring"): {"destroy"}, ("screening", "absent"): {"import_list"},
    ("screening", "present"): {"import_list"},
}  # fmt: skip


def test_what_robots_may_do_is_this() -> None:
    """Robots record facts, destroy retired keys and keep ends: in each phase exactly this."""
    assert {at: set(row["robot"]) for at, row in roles.TABLE.items() if "robot" in row} == ROBOTS


def test_operators_have_no_say_in_cases_and_grants() -> None:
    """The shell founds and repairs; it neither vets nor grants nor ends access."""
    for (kind, _), row in roles.TABLE.items():
        # An erasure frees the seat of the erased, as it must not block the case for good.
        least = {"vacate_seat"} if kind == "application" else set()
        if kind in ("application", "grant", "service"):
            assert row.get("operator", frozenset()) <= least


@pytest.mark.parametrize(
    ("pair", "who"),
    [(("application", "decide"), {"decider"}), (("application", "review"), {"reviewer"}),
     (("application", "take_seat"), {"reviewer"}), (("application", "clear_check"), {"intake"}),
     (("application", "submit"), {"member"}), (("application", "withdraw"), {"member"}),
     (("grant", "open"), {"decider"}), (("grant", "suspend"), {"program_manager", "emergency"}),
     (("grant", "resume"), {"program_manager"}),
     (("grant", "revoke"), {"program_manager", "emergency"}),
     (("grant", "register_credential"), {"owner", "admin"}),
     (("service", "approve"), {"service_manager"}),
     (("service", "register"), {"service_developer"}),
     (("organization", "invite"), {"owner", "admin"}),
     (("organization", "accept_invitation"), {"person"}),
     (("organization", "change_role"), {"owner", "admin"}),
     (("organization", "offer_ownership"), {"owner"}),
     (("organization", "accept_ownership"), {"member"}),
     (("organization", "remove_member"), {"owner", "admin"}),
     (("account", "appoint"), {"operator"}), (("account", "confirm_role"), {"program_manager"}),
     (("account", "propose_role"), {"administrator", "program_manager"}),
     (("account", "end_role"), {"administrator", "program_manager", "emergency"}),
     (("key", "activate"), {"operator"}),
     (("policy", "activate"), {"operator"})],
)  # fmt: skip
def test_a_power_lies_with_these_roles(pair: tuple[str, str], who: set[str]) -> None:
    """Each power lies with exactly the roles that are named here, in whatever phase."""
    kind, verb = pair
    assert {r for (k, _), row in roles.TABLE.items() if k == kind
            for r, verbs in row.items() if verb in verbs} == who  # fmt: skip


def test_a_machines_roles_are_its_name_alone() -> None:
    """Roles or memberships put on a robot or an operator do not count."""
    worn = {"roles": frozenset({"decider"}), "memberships": {ORG: frozenset({"owner"})}}
    assert Actor("robot:x", **worn).roles_toward(ORG) == {"robot"}
    assert Actor("operator:x", **worn).roles_toward(ORG) == {"operator"}
    assert not robot("x").is_person
    assert not operator("x").is_person


def test_membership_elsewhere_is_none_here() -> None:
    """An owner of one organization is nobody to another, nor to a thing of no organization."""
    assert OWNER.roles_toward("org_2") == OWNER.roles_toward(None) == {"person"}


# ---------------------------------------------------------------- sight


def _blind_acts(memory: Memory, viewer: Actor) -> list[tuple[str, str]]:
    state = memory.state(APP)
    return [(actor, type(event).__name__) for stream, actor, event in memory.log
            if stream == APP and visibility.sees(event, actor, state, viewer)]  # fmt: skip


def test_one_who_has_spoken_cannot_tell_whether_another_has() -> None:
    """With three seats and one's own review in, a second reviewer's acts leave no trace."""

    def play(*others: Actor) -> Memory:
        memory = world()
        memory.perform(submission(tier="vulnerability-research"), OWNER)
        pass_checks(memory)
        review(memory, RAE, "deny")
        for other in others:
            review(memory, other)
        return memory

    for viewer in (RAE, RAY, DANA, IRIS, MO, staff("aud", "auditor")):
        assert _blind_acts(play(), viewer) == _blind_acts(play(RIO), viewer)
    assert (RAE.id, "Reviewed") in _blind_acts(play(RIO, RAY), DANA)


def test_staff_who_belong_to_the_applicant_see_what_applicants_see() -> None:
    """Membership takes sight away: one's staff role shows no review of one's own case."""
    memory = until("granted")
    own = staff("x", "reviewer", "auditor", memberships={ORG: frozenset({"member"})})
    assert _blind_acts(memory, own) == _blind_acts(memory, OWNER)


def test_a_clearance_of_a_hit_is_hidden_from_the_applicant() -> None:
    """Neither the screening's request, nor its record, nor its clearance is shown."""
    memory = until("checking")
    memory.perform(found("sanctions_name", "needs-human"), BOTS)
    memory.perform(found("domain_control"), BOTS)
    memory.perform(ClearCheck(APP, "sanctions_name", TEXT), IRIS)
    state = memory.state(APP)
    shown = [e.check for s, by, e in memory.log if s == APP and hasattr(e, "check")
             and visibility.sees(e, by, state, OWNER)]  # fmt: skip
    assert shown == ["completeness", "domain_control", "domain_control"]
    assert any(isinstance(e, a.CheckCleared) and visibility.sees(e, by, state, IRIS)
               for s, by, e in memory.log if s == APP)  # fmt: skip


def test_a_case_exists_for_its_organization_and_its_readers() -> None:
    """Members and readers may open a case, others get no answer that it exists."""
    state = until("checking").state(APP)
    for viewer in (OWNER, IRIS, RAE, DANA, MO, staff("a", "auditor")):
        assert visibility.may_see_application(state, viewer)
    for role in ("service_manager", "service_developer", "administrator"):
        assert not visibility.may_see_application(state, staff("x", role))


# ---------------------------------------------------------------- letters and documents


def test_a_letter_names_what_was_asked_and_the_reasons_chosen() -> None:
    """No scope that was not asked for, no reason that was not given, no end of a denial."""
    letter = letters.compose(SHIPPED, outcome="approved", asked=ASKED, granted=ASKED[:1],
                             reasons=("scope_beyond_purpose",), expires_at="z")  # fmt: skip
    reason = SHIPPED.reason("scope_beyond_purpose")
    assert reason
    assert letter["reasons"] == [
        {"title": reason.title, "text": reason.text, "remedy": reason.remedy}
    ]
    assert [s["title"] for s in letter["scopes"] if s["granted"]] == ["Secure code review"]
    assert len(letter["scopes"]) == len(ASKED)
    denied = letters.compose(SHIPPED, outcome="denied", asked=ASKED, granted=(),
                             reasons=(), expires_at="z")  # fmt: skip
    assert denied["expires_at"] == ""
    assert "does not grant" in denied["opening"]


def _double(file: str, *path: str) -> dict[str, dict[str, Any]]:
    docs = documents()
    at: Any = docs[file]
    for key in path[:-1]:
        at = at[key][0]
    at[path[-1]].append(at[path[-1]][0])
    return docs


@pytest.mark.parametrize(
    ("file", "path", "where"),
    [("program.toml", ("tiers",), "tiers[].id"), ("program.toml", ("rubric",), "rubric[].id"),
     ("form.toml", ("sections",), "sections[].id"),
     ("form.toml", ("sections", "questions"), "sections[].questions[].id"),
     ("reasons.toml", ("reasons",), "reasons[].code"), ("terms.toml", ("terms",), "terms[].id")],
)  # fmt: skip
def test_nothing_stands_twice(file: str, path: tuple[str, ...], where: str) -> None:
    """Two entries of one name are refused at the place where they stand."""
    with pytest.raises(ProgramInvalid) as no:
        program.parse(_double(file, *path), "v2")
    assert (file, where) in {(p.file, p.path) for p in no.value.problems}


@pytest.mark.parametrize("outcome", ["deny", "narrow"])
def test_each_outcome_has_a_reason_to_give(outcome: str) -> None:
    """A program that could not say why it denies, or why it gives less, is refused."""
    docs = documents()
    for reason in docs["reasons.toml"]["reasons"]:
        reason["outcomes"] = ["narrow" if outcome == "deny" else "deny"]
    with pytest.raises(ProgramInvalid, match=f"no reason serves to {outcome}"):
        program.parse(docs, "v2")


@pytest.mark.parametrize("meaning", ["domain", "legal_name"])
def test_a_check_has_the_question_that_it_asks_for(meaning: str) -> None:
    """Without a question of this meaning the check could never pass."""
    docs = documents()
    for section in docs["form.toml"]["sections"]:
        for question in section["questions"]:
            if question.get("meaning") == meaning:
                question["meaning"] = ""
    with pytest.raises(ProgramInvalid, match=f"meaning '{meaning}'"):
        program.parse(docs, "v2")


def test_a_rubric_has_levels_to_choose_from() -> None:
    """One level is no judgment."""
    docs = documents()
    del docs["program.toml"]["rubric"][0]["levels"][1:]
    with pytest.raises(ProgramInvalid, match="scores do not rise"):
        program.parse(docs, "v2")


@pytest.mark.parametrize(
    ("file", "key"), [("program.toml", "tiers"), ("program.toml", "rubric"),
                      ("program.toml", "scopes"), ("terms.toml", "terms")],
)  # fmt: skip
def test_an_empty_list_is_no_list(file: str, key: str) -> None:
    """A program without tiers, scopes, rubric or terms is refused, at the key."""
    docs = documents()
    docs[file][key] = []
    with pytest.raises(ProgramInvalid) as no:
        program.parse(docs, "v2")
    assert (file, key, "at least one entry") in {
        (p.file, p.path, p.remedy) for p in no.value.problems
    }


def test_a_question_to_choose_has_choices() -> None:
    """A required choice among nothing could never be answered."""
    docs = documents()
    question = next(q for s in docs["form.toml"]["sections"] for q in s["questions"]
                    if q.get("options"))  # fmt: skip
    question["options"] = []
    with pytest.raises(ProgramInvalid, match=r"options: is empty"):
        program.parse(docs, "v2")


def test_a_reason_serves_to_deny_or_to_narrow() -> None:
    """Another outcome is refused with the ones that exist."""
    docs = documents()
    docs["reasons.toml"]["reasons"][0]["outcomes"] = ["delay"]
    with pytest.raises(ProgramInvalid, match="one of deny, narrow"):
        program.parse(docs, "v2")


def test_the_shipped_program_has_twenty_eight_questions() -> None:
    """A change to the form's length is meant, not an accident."""
    assert (len(SHIPPED.tiers), len(SHIPPED.questions)) == (3, 28)


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [("token_seconds", 301, "from 30 to 300"), ("token_seconds", 29, "from 30 to 300"),
     ("reviewers", 1, "from 2 to 9"), ("grant_days", 0, "from 1 to 730"),
     ("grant_days", 731, "from 1 to 730"), ("scopes", [], "at least one entry")],
)  # fmt: skip
def test_a_tier_stays_within_its_bounds(key: str, value: object, remedy: str) -> None:
    """One beyond each bound is refused, with the bounds as the remedy."""
    docs = documents()
    docs["program.toml"]["tiers"][0][key] = value
    with pytest.raises(ProgramInvalid) as no:
        program.parse(docs, "v2")
    assert any(p.path == f"tiers[0].{key}" and remedy in p.remedy for p in no.value.problems)


def test_a_key_of_the_issuer_walks_one_way() -> None:
    """Created, active, retiring, destroyed: and a retired key signs no more."""
    memory, phases = Memory(), []
    for command in (Create("key_1", "kid", "access", "ES256", {}), ActivateKey("key_1"),
                    Retire("key_1", "z"), Destroy("key_1", "retired")):  # fmt: skip
        memory.perform(command, OPERATOR)
        phases.append(memory.state("key_1").phase)
    assert phases == ["pending", "active", "retiring", "destroyed"]
    assert code(memory, ActivateKey("key_1"), OPERATOR) == "not_now"


def test_events_are_told_in_words() -> None:
    """Identifiers are spoken with spaces where they stand in a sentence."""
    assert describe("application", a.CheckRequested("domain_control", 1)) == (
        "The check “domain control” was asked for"
    )
