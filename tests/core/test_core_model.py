"""Random people doing random things: the invariants of vetting hold in every order of events."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

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
    TEXT,
    Memory,
    decision,
    found,
    opinion,
    staff,
    submission,
    world,
)  # fmt: skip
from workflows.actors import Actor, Strength, robot
from workflows.application import events as a
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
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

OWN = {ORG: frozenset({"admin"})}
BOTH_SIDES = staff("both", "reviewer", "decider", "intake", memberships=OWN)
TWO_HATS = staff("hats", "reviewer", "decider")
WEAK = Actor("acc_dana", roles=frozenset({"decider"}), strength=Strength.LINK)
ROBOT = robot("model")
ACTORS = (OWNER, RAE, RIO, RAY, DANA, IRIS, MO, BOTH_SIDES, TWO_HATS, WEAK, ROBOT, OPERATOR)

SOAK = os.environ.get("PORTAL_SOAK") == "1"
actors = st.sampled_from(ACTORS)
checks = st.sampled_from(CHECKS)
MOVES = (Suspend(GRANT, "error"), Resume(GRANT), Revoke(GRANT, "error"), Expire(GRANT))
words = st.sampled_from(("approve", "narrow", "deny"))


class Vetting(RuleBasedStateMachine):
    """One application and its grant, in everybody's hands."""

    memory: Memory

    @initialize()
    def found_world(self) -> None:
        self.memory = world()
        self.numbers = 0

    def do(self, command: Any, actor: Actor) -> None:
        with suppress(Refused):  # a refusal is an answer; what it wrote would show below
            self.memory.perform(command, actor)

    @rule(actor=actors)
    def submit(self, actor: Actor) -> None:
        self.do(submission(), actor)

    @rule(check=checks, number=st.integers(1, 3), actor=actors,
          verdict=st.sampled_from(("pass", "pass", "fail", "needs-human", "stale")))  # fmt: skip
    def record(self, check: str, number: int, actor: Actor, verdict: str) -> None:
        self.do(found(check, verdict, number), actor)

    @rule()
    def robots_pass_everything(self) -> None:
        for check in CHECKS:
            self.do(found(check), ROBOT)

    @rule(check=checks, actor=actors)
    def ask_again(self, check: str, actor: Actor) -> None:
        self.do(RequestCheck(APP, check), actor)

    @rule(check=checks, actor=actors)
    def clear(self, check: str, actor: Actor) -> None:
        self.do(ClearCheck(APP, check, TEXT), actor)

    @rule(actor=actors, declares=st.booleans())
    def sit(self, actor: Actor, declares: bool) -> None:
        self.do(TakeSeat(APP, declares), actor)

    @rule(actor=actors)
    def stand_back(self, actor: Actor) -> None:
        self.do(Recuse(APP, TEXT), actor)

    @rule(actor=actors, word=words)
    def speak(self, actor: Actor, word: str) -> None:
        self.do(opinion(word), actor)

    @rule(actor=actors, scopes=st.sets(st.sampled_from((*ASKED, "vuln:research"))),
          outcome=st.sampled_from(("approved", "denied")),
          reasons=st.sampled_from(((), ("scope_beyond_purpose",), ("purpose_unclear",))),
          noted=st.booleans())  # fmt: skip
    def decide(self, actor: Actor, scopes: set[str], outcome: str, reasons: tuple[str, ...],
               noted: bool) -> None:  # fmt: skip
        note = TEXT if noted else None
        self.do(decision(self.memory, outcome=outcome, scopes=tuple(sorted(scopes)),
                         reasons=reasons, note=note), actor)  # fmt: skip

    @rule(actor=actors)
    def withdraw(self, actor: Actor) -> None:
        self.do(Withdraw(APP), actor)

    @rule(actor=actors, stream=st.sampled_from((GRANT, "gr_2")))
    def open_grant(self, actor: Actor, stream: str) -> None:
        self.do(Open(stream, application=APP), actor)

    @rule(actor=actors, command=st.sampled_from(MOVES))
    def govern(self, actor: Actor, command: Any) -> None:
        self.do(command, actor)

    @rule(actor=actors)
    def register(self, actor: Actor) -> None:
        self.numbers += 1
        name = f"cred_{self.numbers}"
        self.do(RegisterCredential(GRANT, name, name, {"kty": "EC"}, TEXT), actor)

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def no_grant_without_its_quorum(self) -> None:
        state = self.memory.state(APP)
        if GRANT in self.memory.streams:
            speakers = set(state.reviews) & set(state.seats) - state.recused
            assert state.phase == "approved"
            assert len(speakers) >= 2
            assert BOTH_SIDES.id not in speakers
            assert all(name.startswith("acc_") for name in speakers)
        assert "gr_2" not in self.memory.streams

    @invariant()
    def the_decider_is_apart(self) -> None:
        state = self.memory.state(APP)
        for stream, actor, event in self.memory.log:
            if stream == APP and isinstance(event, a.Decided):
                assert actor not in state.reviews
                assert actor not in state.recused
                assert actor in (DANA.id, TWO_HATS.id)

    @invariant()
    def nobody_is_on_both_sides(self) -> None:
        powers = (a.CheckCleared, a.SeatTaken, a.Reviewed, a.Decided, g.Opened)
        for _, actor, event in self.memory.log:
            if isinstance(event, powers):
                assert actor not in (OWNER.id, BOTH_SIDES.id)

    @invariant()
    def no_robot_gives_power(self) -> None:
        powers = (a.CheckCleared, a.Reviewed, a.Decided, g.Opened, g.Resumed)
        for _, actor, event in self.memory.log:
            if isinstance(event, powers):
                assert actor.startswith("acc_")

    @invariant()
    def a_grant_holds_at_most_what_was_asked(self) -> None:
        if GRANT in self.memory.streams:
            grant, state = self.memory.state(GRANT), self.memory.state(APP)
            assert set(grant.scopes) <= set(state.granted) <= set(state.scopes)
            assert grant.scopes

    @invariant()
    def nothing_goes_back(self) -> None:
        ranks = []
        for event in self.memory.streams.get(APP, ()):
            if isinstance(event, a.StageOpened):
                ranks.append(event.index)
        assert ranks == sorted(set(ranks))
        ended = [
            i
            for i, event in enumerate(self.memory.streams.get(APP, ()))
            if isinstance(event, a.Decided | a.Withdrawn)
        ]
        assert not ended or ended == [len(self.memory.streams[APP]) - 1]
        assert (self.memory.state(APP).phase in FINAL) is bool(ended)

    @invariant()
    def no_key_comes_after_the_end(self) -> None:
        gone = False
        for event in self.memory.streams.get(GRANT, ()):
            assert not (gone and isinstance(event, g.CredentialRegistered))
            if isinstance(event, g.Revoked | g.Expired):
                gone = True
            if isinstance(event, g.Resumed):
                assert not gone


Vetting.TestCase.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=5000 if SOAK else 60,
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
)
test_vetting_holds_in_every_order = Vetting.TestCase
