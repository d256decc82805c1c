"""Random people doing random things: the invariants of vetting hold in every order of events."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.core.histories import (
    APP,
    CHECKS,
    GRANT,
    MO,
    OPERATOR,
    ORG,
    SHIPPED,
    SIGNED,
    TEXT,
    Memory,
    decision,
    documents,
    found,
    opinion,
    staff,
    submission,
    world,
)  # fmt: skip
from workflows import calendar, program, visibility
from workflows.actors import Actor, Strength, robot
from workflows.application import events as a
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.submit import reachable_scopes
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.application.state import FINAL
from workflows.errors import Refused
from workflows.grant import events as g
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.open import Open
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.remove_member import RemoveMember
from workflows.policy.commands.activate import Activate
from workflows.signatures import Signature

SOAK = os.environ.get("PORTAL_SOAK") == "1"
ROBOT = robot("model")
# Who they are for the installation; what they are to the organization, its history says.
PEOPLE = {
    p.id: p
    for p in (
        staff("owner"), staff("member"), staff("stranger"), staff("iris", "intake"),
        staff("rae", "reviewer"), staff("rio", "reviewer"), staff("ray", "reviewer"),
        staff("hats", "reviewer", "decider"), staff("both", "reviewer", "decider", "intake"),
        staff("dana", "decider"), staff("dora", "decider"), MO, ROBOT, OPERATOR,
    )
}  # fmt: skip
REVIEWERS = [p for p in PEOPLE if "reviewer" in PEOPLE[p].roles]
DECIDERS = [p for p in PEOPLE if "decider" in PEOPLE[p].roles]
SEATED = (a.SeatTaken, a.Reviewed, a.Recused)
POWERS = (a.CheckCleared, a.SeatTaken, a.Reviewed, a.Decided, g.Opened, g.Resumed)

people = st.sampled_from(sorted(PEOPLE))
joiners = st.sampled_from(("acc_both", "acc_mo", "acc_hats"))
proofs = st.sampled_from((SIGNED, SIGNED, SIGNED, None))
strengths = st.sampled_from((Strength.PASSKEY, Strength.PASSKEY, Strength.LINK))
checks = st.sampled_from(CHECKS)
verdicts = st.sampled_from(("pass", "fail", "needs-human", "stale", "unavailable"))
words = st.sampled_from(("approve", "approve", "narrow", "deny"))
tiers = st.sampled_from(SHIPPED.tiers)
reasons = st.sampled_from(((), ("scope_beyond_purpose",), ("purpose_unclear",)))
scope_sets = st.sets(st.sampled_from([s.id for s in SHIPPED.scopes]))
days = st.integers(-1, 400)
MOVES = (Suspend(GRANT, "error"), Resume(GRANT), Revoke(GRANT, "error"), Expire(GRANT))


@dataclass(frozen=True)
class Act:
    """An event with the one whose command made it, as they were then, and the time."""

    stream: str
    by: Actor
    event: Any
    at: datetime


def hasty() -> program.Program:
    """A later version of the program, with other quorums and longer grants."""
    docs = documents()
    for tier in docs["program.toml"]["tiers"]:
        tier["reviewers"], tier["grant_days"] = (3 if tier["reviewers"] == 2 else 2), 700
    return program.parse(docs, "v2")


HASTY = hasty()


class Vetting(RuleBasedStateMachine):
    """One application and its grant, in everybody's hands."""

    memory: Memory

    @initialize(tier=tiers, steps=st.sampled_from((0, 1, 4, 4, 5, 5, 6, 7, 8, 9, 9)), word=words,
                hit=st.booleans())  # fmt: skip
    def found_world(self, tier: Any, steps: int, word: str, hit: bool) -> None:
        """A case that has come some steps of the way, so that every part of it is tried."""
        self.memory = world()
        self.memory.programs["v2"] = HASTY
        self.acts: list[Act] = []
        self.numbers = 0
        for step in range(steps):
            self.go_on(tier, set(), word, 30, False, "approved")
            if hit and step == 0:
                self.do(found("sanctions_name", "needs-human"), ROBOT)
        if steps == 9:
            self.do(Suspend(GRANT, "error"), self.actor(MO.id))

    def actor(self, name: str, strength: Strength = Strength.PASSKEY) -> Actor:
        """The person with the memberships that the organization's history gives them now."""
        role = self.memory.state(ORG).members.get(name)
        own = {ORG: frozenset({role})} if role else {}
        return replace(PEOPLE[name], memberships=own, strength=strength)

    def do(self, command: Any, actor: Actor) -> None:
        before = len(self.memory.log)
        with suppress(Refused):  # a refusal is an answer; what it wrote would show below
            self.memory.perform(command, actor)
        for stream, _, event in self.memory.log[before:]:
            self.acts.append(Act(stream, actor, event, self.memory.now))

    # ------------------------------------------------------------------ anybody tries anything

    @rule(who=people, tier=tiers, scopes=scope_sets, strength=strengths)
    def submit(self, who: str, tier: Any, scopes: set[str], strength: Strength) -> None:
        self.do(self.asking(tier, scopes), self.actor(who, strength))

    @rule(check=checks, number=st.integers(1, 3), who=people, verdict=verdicts)
    def record(self, check: str, number: int, who: str, verdict: str) -> None:
        self.do(found(check, verdict, number), self.actor(who))

    @rule(check=checks, who=people, strength=strengths, clear=st.booleans())
    def look_again(self, check: str, who: str, strength: Strength, clear: bool) -> None:
        command = ClearCheck(APP, check, TEXT) if clear else RequestCheck(APP, check)
        self.do(command, self.actor(who, strength))

    @rule(who=people, declares=st.booleans(), strength=strengths)
    def sit(self, who: str, declares: bool, strength: Strength) -> None:
        self.do(TakeSeat(APP, declares), self.actor(who, strength))

    @rule(who=st.one_of(people, st.sampled_from(REVIEWERS)))
    def stand_back(self, who: str) -> None:
        self.do(Recuse(APP, TEXT), self.actor(who))

    @rule(who=people, word=words, strength=strengths)
    def speak(self, who: str, word: str, strength: Strength) -> None:
        self.do(opinion(word), self.actor(who, strength))

    @rule(who=st.one_of(people, st.sampled_from(DECIDERS)), scopes=scope_sets, codes=reasons,
          outcome=st.sampled_from(("approved", "denied")), noted=st.booleans(), ahead=days,
          strength=strengths, signature=proofs)  # fmt: skip
    def decide(self, who: str, scopes: set[str], codes: tuple[str, ...], outcome: str, noted: bool,
               ahead: int, strength: Strength, signature: Signature | None) -> None:  # fmt: skip
        command = decision(self.memory, outcome=outcome, scopes=tuple(sorted(scopes)),
                           reasons=codes, note=TEXT if noted else None, signature=signature,
                           expires_at=self.days_ahead(ahead))  # fmt: skip
        self.do(command, self.actor(who, strength))

    @rule(who=people)
    def withdraw(self, who: str) -> None:
        self.do(Withdraw(APP), self.actor(who))

    @rule(who=people, stream=st.sampled_from((GRANT, "gr_2")))
    def open_grant(self, who: str, stream: str) -> None:
        self.do(Open(stream, application=APP), self.actor(who))

    @rule(who=st.one_of(people, st.just(MO.id)), command=st.sampled_from(MOVES),
          strength=strengths)  # fmt: skip
    def govern(self, who: str, command: Any, strength: Strength) -> None:
        self.do(command, self.actor(who, strength))

    @rule(who=st.one_of(people, st.just("acc_owner")), strength=strengths)
    def register(self, who: str, strength: Strength) -> None:
        self.numbers += 1
        name = f"cred_{self.numbers}"
        command = RegisterCredential(GRANT, name, name, {"kty": "EC"}, TEXT)
        self.do(command, self.actor(who, strength))

    @rule(who=people, account=joiners, role=st.sampled_from(("admin", "member")))
    def join(self, who: str, account: str, role: str) -> None:
        self.numbers += 1
        name = f"inv_{self.numbers}"
        self.do(Invite(ORG, name, TEXT, role, self.days_ahead(7)), self.actor(who))
        self.do(AcceptInvitation(ORG, name), self.actor(account))

    @rule(who=people, account=joiners)
    def leave(self, who: str, account: str) -> None:
        self.do(RemoveMember(ORG, account), self.actor(who))

    @rule(version=st.sampled_from(("v1", "v2")))
    def change_the_program(self, version: str) -> None:
        self.do(Activate("pol_cyber-defense", "cyber-defense", version, {}), OPERATOR)

    @rule(ahead=st.integers(1, 200))
    def time_passes(self, ahead: int) -> None:
        self.memory.now += timedelta(days=ahead)

    # ------------------------------------------------------------------ and somebody goes on

    @rule(tier=tiers, scopes=scope_sets, word=words, ahead=st.integers(1, 180),
          part=st.booleans(), outcome=st.sampled_from(("approved", "denied")))  # fmt: skip
    def go_on(self, tier: Any, scopes: set[str], word: str, ahead: int, part: bool,
              outcome: str) -> None:  # fmt: skip
        """What the right person would do next, without which chance hardly comes to a grant."""
        state = self.memory.state(APP)
        if state.phase == "absent":
            own = scopes & set(reachable_scopes(tier, SHIPPED)) or set(tier.scopes)
            self.do(self.asking(tier, own), self.actor("acc_owner"))
        elif state.phase == "checking":
            self.settle(state.checks)
        elif state.phase == "reviewing":
            for who in REVIEWERS:
                if who not in state.reviews and who not in state.recused:
                    self.do(TakeSeat(APP, True), self.actor(who))
                    self.do(opinion(word), self.actor(who))
                    break
        elif state.phase == "deciding":
            granted = state.scopes[:1] if part else state.scopes
            code = "purpose_unclear"  # serves a denial and a part alike
            self.do(decision(self.memory, scopes=granted, reasons=(code,), outcome=outcome,
                             note=TEXT, expires_at=self.days_ahead(ahead)),
                    self.actor("acc_dana"))  # fmt: skip
        else:
            self.register("acc_owner", Strength.PASSKEY)

    @rule(some=st.lists(people, min_size=3, max_size=6), strength=strengths, scopes=scope_sets,
          noted=st.booleans(), ahead=st.sampled_from((-1, 0, 30, 400)), verdict=verdicts,
          outcome=st.sampled_from(("approved", "denied")))  # fmt: skip
    def others_go_on(self, some: list[str], strength: Strength, scopes: set[str], noted: bool,
                     ahead: int, verdict: str, outcome: str) -> None:  # fmt: skip
        """Several people, fit or not, try what would be next, with contents fit or not."""
        state = self.memory.state(APP)
        for name, check in state.checks.items():
            self.do(found(name, verdict, check.round), ROBOT)
        for who in some:
            actor = self.actor(who, strength)
            for command in (
                *(ClearCheck(APP, name, TEXT) for name in state.checks),
                decision(self.memory, scopes=tuple(sorted(scopes)) or state.scopes,
                         outcome=outcome, reasons=("purpose_unclear",),
                         note=TEXT if noted else None, expires_at=self.days_ahead(ahead)),
                TakeSeat(APP, True), opinion("deny" if noted else "approve"), *MOVES[:2],
            ):  # fmt: skip
                self.do(command, actor)
        self.do(Expire(GRANT), ROBOT)

    @rule(end=st.booleans(), softly=st.booleans())
    def turn_aside(self, end: bool, softly: bool) -> None:
        """What the right person would do to hold up or end what there is."""
        state, grant = self.memory.state(APP), self.memory.state(GRANT)
        if grant.phase in ("active", "suspended") and not end:
            hold = Suspend(GRANT, "error") if grant.phase == "active" else Resume(GRANT)
            self.do(hold, self.actor(MO.id))
        elif grant.phase in ("active", "suspended") and softly:
            late = datetime.fromisoformat(grant.expires_at)
            self.memory.now = max(self.memory.now, late)
            self.do(Expire(GRANT), ROBOT)
        elif grant.phase in ("active", "suspended"):
            self.do(Revoke(GRANT, "error"), self.actor(MO.id))
        elif end and softly:
            self.do(Withdraw(APP), self.actor("acc_owner"))
        elif state.phase == "deciding":
            self.do(decision(self.memory, outcome="denied", reasons=("purpose_unclear",)),
                    self.actor("acc_dora"))  # fmt: skip
        else:
            for who in sorted(set(state.seats) - set(state.reviews) | {"acc_ray"}):
                self.do(Recuse(APP, TEXT), self.actor(who))

    def settle(self, checks: Any) -> None:
        """One step for the first check that has not settled."""
        name, check = next((n, c) for n, c in checks.items() if not c.settled)
        if check.verdict == "needs-human":
            self.do(ClearCheck(APP, name, TEXT), self.actor("acc_iris"))
        elif check.verdict:
            self.do(RequestCheck(APP, name), self.actor("acc_iris"))
        else:
            self.do(found(name, "pass", check.round), ROBOT)

    def asking(self, tier: Any, scopes: set[str]) -> Any:
        version = self.memory.state("pol_cyber-defense").active
        return submission(tier=tier.id, scopes=tuple(sorted(scopes)), program_version=version)

    def days_ahead(self, number: int) -> str:
        return calendar.iso(self.memory.now + timedelta(days=number))

    # ------------------------------------------------------------------ what always holds

    def of(self, *kinds: type) -> list[Act]:
        return [act for act in self.acts if isinstance(act.event, kinds)]

    @invariant()
    def no_grant_without_its_quorum(self) -> None:
        """Distinct, seated, unrecused reviewers, as many as the pinned version asks for."""
        decided = self.of(a.Decided)
        if not decided:
            assert not self.of(g.Opened)
            return
        submitted = self.of(a.Submitted)[0].event
        tier = self.memory.programs[submitted.program_version].tier(submitted.tier)
        assert tier
        speakers = {act.by.id for act in self.of(a.Reviewed)}
        assert speakers <= {act.by.id for act in self.of(a.SeatTaken)}
        assert len(speakers - {act.by.id for act in self.of(a.Recused)}) >= tier.reviewers
        assert all(act.event.reviewer == act.by.id for act in self.of(*SEATED))
        assert all("reviewer" in act.by.roles for act in self.of(*SEATED))

    @invariant()
    def the_decider_is_apart(self) -> None:
        """Whoever decides has the role and held no seat, and did not stand back either."""
        for act in self.of(a.Decided):
            assert "decider" in act.by.roles
            assert act.by.id not in {seated.by.id for seated in self.of(*SEATED)}

    @invariant()
    def power_is_with_people_with_a_passkey_from_outside(self) -> None:
        """No robot, no operator, nobody by a mailed link, nobody of the organization itself."""
        for act in self.of(*POWERS):
            assert act.by.is_person
            assert act.by.strength == Strength.PASSKEY
            assert ORG not in act.by.memberships
            assert act.by.roles

    @invariant()
    def a_live_key_is_a_members(self) -> None:
        """Whoever is gone left no key behind under a grant that could still use one."""
        grant, members = self.memory.state(GRANT), self.memory.state(ORG).members
        if grant.phase in ("active", "suspended"):
            assert {grant.holders[c] for c in grant.live_credentials} <= set(members)

    @invariant()
    def machines_record_and_end(self) -> None:
        """On cases and grants robots write findings and ends; operators write nothing at all."""
        written = {type(act.event) for act in self.acts
                   if not act.by.is_person and act.stream in (APP, GRANT)}  # fmt: skip
        assert written <= {a.CheckRecorded, a.StageOpened, g.Expired}
        recorders = {act.by.id for act in self.of(a.CheckRecorded)}
        assert recorders <= {ROBOT.id}

    @invariant()
    def a_grant_holds_what_was_decided_and_no_more(self) -> None:
        """Scopes within what was asked, an end within the tier's days, once, from one decision."""
        assert len(self.of(g.Opened)) == sum(d.event.outcome == "approved"
                                             for d in self.of(a.Decided))  # fmt: skip
        assert "gr_2" not in self.memory.streams
        for act in self.of(g.Opened):
            decided, asked = self.of(a.Decided)[0].event, self.of(a.Submitted)[0].event
            tier = self.memory.programs[asked.program_version].tier(asked.tier)
            assert tier
            assert act.event.scopes == decided.scopes
            assert set() < set(act.event.scopes) <= set(asked.scopes)
            latest = calendar.iso(act.at + timedelta(days=tier.grant_days))
            assert calendar.iso(act.at) < act.event.expires_at <= latest
            assert act.event.program_version == asked.program_version

    @invariant()
    def nothing_is_reviewed_before_every_check_has_settled(self) -> None:
        """At the review's beginning each check's last record is a pass, or a person cleared it."""
        last: dict[str, str] = {}
        for act in self.acts:
            match act.event:
                case a.CheckRequested(check=check):
                    last[check] = ""
                case a.CheckRecorded(check=check, verdict=verdict):
                    assert not last[check]
                    last[check] = verdict
                case a.CheckCleared(check=check):
                    assert last[check] == "needs-human"
                    last[check] = "pass"
                case a.StageOpened(stage="review"):
                    assert [last[check] for check in CHECKS] == ["pass"] * len(CHECKS)

    @invariant()
    def a_decision_gives_its_reasons(self) -> None:
        """Less than asked and denials have a reason; against a reviewer's deny stands a note."""
        for act in self.of(a.Decided):
            asked = set(self.of(a.Submitted)[0].event.scopes)
            assert act.event.reasons or set(act.event.scopes) == asked
            if act.event.outcome == "approved":
                words = {review.event.recommendation for review in self.of(a.Reviewed)}
                assert act.event.note or "deny" not in words

    @invariant()
    def a_decision_is_signed_at_once(self) -> None:
        """Each decision is followed by its signature, by the same person; no other entry is one."""
        history = [act for act in self.acts if act.stream == APP]
        signed = [i for i, act in enumerate(history) if isinstance(act.event, a.DecisionSigned)]
        decided = [i for i, act in enumerate(history) if isinstance(act.event, a.Decided)]
        assert signed == [i + 1 for i in decided]
        assert all(history[i].by.id == history[i - 1].by.id for i in signed)

    @invariant()
    def nothing_goes_back(self) -> None:
        """Stages come once and in order; after a decision or withdrawal there is nothing more."""
        ranks = [act.event.index for act in self.of(a.StageOpened)]
        assert ranks == list(range(len(ranks)))
        history = self.memory.streams.get(APP, [])
        ended = [i for i, e in enumerate(history) if isinstance(e, a.Decided | a.Withdrawn)]
        last = len(history) - 1 - isinstance(history[-1], a.DecisionSigned) if history else -1
        assert ended in ([], [last])
        assert (self.memory.state(APP).phase in FINAL) is bool(ended)
        assert all(ORG in act.by.memberships for act in self.of(a.Submitted, a.Withdrawn))

    @invariant()
    def revoked_and_expired_mean_it(self) -> None:
        """Keys come while the grant is active and before its end; it ends at its end; no return."""
        phase, end = "absent", ""
        for act in self.acts:
            match act.event:
                case g.Opened(expires_at=end):
                    phase = "active"
                case g.CredentialRegistered():
                    assert phase == "active"
                    assert calendar.iso(act.at) < end
                    assert act.by.id == "acc_owner" or "admin" in act.by.memberships[ORG]
                case g.Suspended():
                    assert phase == "active"
                    phase = "suspended"
                case g.Resumed():
                    assert phase == "suspended"
                    phase = "active"
                case g.Expired():
                    assert phase in ("active", "suspended")
                    assert calendar.iso(act.at) >= end
                    phase = "expired"
                case g.Revoked():
                    assert phase in ("active", "suspended")
                    phase = "revoked"

    @invariant()
    def reviewers_are_blind_until_all_have_spoken(self) -> None:
        """Until the decision stage nobody sees an act of a seat but their own."""
        state = self.memory.state(APP)
        if state.phase == "reviewing":
            for act in self.of(*SEATED):
                for name in PEOPLE:
                    if visibility.sees(act.event, act.by.id, state, self.actor(name)):
                        assert name == act.by.id


SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=5000 if SOAK else 250,
    stateful_step_count=50 if SOAK else 30,
    suppress_health_check=list(HealthCheck),
)


def test_vetting_holds_in_every_order() -> None:
    """The invariants hold after every step, and the steps come as far as each end of a case."""
    reached: Counter[str] = Counter()

    class Counted(Vetting):
        def teardown(self) -> None:
            for act in self.acts:
                reached[type(act.event).__name__] += 1
                if isinstance(act.event, a.Decided):
                    reached[act.event.outcome] += 1

    run_state_machine_as_test(Counted, settings=SETTINGS)
    common = ("approved", "denied", "CheckCleared", "Suspended", "CredentialRegistered")
    rare = ("Withdrawn", "Recused", "Resumed", "Revoked", "Expired")
    for what in (*common, *rare) if SOAK else common:  # a short run may miss a rare end
        assert reached[what] > 0, f"the model never came to {what}: {dict(reached)}"
