"""The ledger's way of deciding, in memory: what a rule sees and does, without a database."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import workflows
from workflows import calendar, program, reactions, registry, roles
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.open import Open as OpenAccount
from workflows.actors import Actor, Strength, robot
from workflows.application.commands.decide import Decide
from workflows.application.commands.record_check import RecordCheck
from workflows.application.commands.review import Review
from workflows.application.commands.submit import Submit
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.events import EvidenceFile
from workflows.context import Context
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.register import Register
from workflows.policy.commands.activate import Activate
from workflows.signatures import Signature
from workflows.vaulted import Vaulted

FOLDER = Path(workflows.__file__).parent / "programs" / "cyber-defense"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
TEXT = Vaulted("vlt_x", "0" * 64)
SIGNED = Signature("cred", "key", "data", "client", "sig", "nonce", "localhost", "http://localhost")
ASKED = ("code:review", "malware:analyze")
APP, ORG, GRANT = "app_1", "org_1", "gr_1"


def documents() -> dict[str, dict[str, Any]]:
    """The shipped program's files, parsed: a fresh copy to change."""
    return {n: tomllib.loads((FOLDER / n).read_text()) for n in program.FILES}


SHIPPED = program.parse(documents(), "v1")
OPERATOR = Actor("operator:tests")
OWNER = Actor("acc_owner", memberships={ORG: frozenset({"owner"})}, strength=Strength.PASSKEY)


def staff(name: str, *own: str, **more: Any) -> Actor:
    return Actor(f"acc_{name}", roles=frozenset(own), strength=Strength.PASSKEY, **more)


RAE, RIO, RAY = staff("rae", "reviewer"), staff("rio", "reviewer"), staff("ray", "reviewer")
DANA, IRIS = staff("dana", "decider"), staff("iris", "intake")
MO, AUD = staff("mo", "program_manager"), staff("aud", "auditor")


@dataclass
class Memory:
    """Streams, their log, and the clock. `perform` does what `portal.ledger.perform` does."""

    now: datetime = START
    streams: dict[str, list[object]] = field(default_factory=dict)
    log: list[tuple[str, str, object]] = field(default_factory=list)
    effects: list[reactions.Effect] = field(default_factory=list)
    programs: dict[str, program.Program] = field(default_factory=lambda: {"v1": SHIPPED})

    def state(self, stream: str) -> Any:
        return registry.fold(stream, tuple(self.streams.get(stream, ())))

    def perform(self, command: Any, actor: Actor) -> tuple[object, ...]:
        made: list[tuple[str, tuple[object, ...]]] = []
        kept = {k: list(v) for k, v in self.streams.items()}
        waiting, effects = [command], []
        try:
            while waiting:
                present = waiting.pop(0)
                new = self._decide(present, actor)
                made.append((present.stream, new))
                for event in new:
                    self.streams.setdefault(present.stream, []).append(event)
                    seq = len(self.streams[present.stream])
                    for follows in reactions.react(present.stream, seq, event):
                        if isinstance(follows, reactions.ForEach):
                            waiting += [follows.command(s) for s in self._look_up(follows)]
                            continue
                        to = effects if isinstance(follows, reactions.Effect) else waiting
                        to.append(follows)  # type: ignore[arg-type]
        except Exception:
            self.streams = kept
            raise
        self.effects += effects
        self.log += [(stream, actor.id, event) for stream, new in made for event in new]
        return tuple(event for _, new in made for event in new)

    def _look_up(self, wanted: reactions.ForEach) -> list[str]:
        """What the boards find. Of grants: those with a live key in the person's name, or those
        that rest on a domain (here: all active ones, unless another domain is proven)."""
        if wanted.lookup == "organizations_of":
            account = wanted.about["account"]
            organizations = {s: self.state(s) for s in self.streams if s.startswith("org_")}
            return [s for s, o in organizations.items() if account in {**o.members, **o.requests}]
        if wanted.lookup == "applications_under_way":
            cases = {s: self.state(s) for s in self.streams if s.startswith("app_")}
            waiting = ("checking", "reviewing", "deciding")
            return [s for s, a in cases.items()
                    if a.org_id == wanted.about["org_id"] and a.phase in waiting]  # fmt: skip
        grants = {s: self.state(s) for s in self.streams if s.startswith("gr_")}
        if wanted.lookup == "grants_resting_on":
            org_id = wanted.about["org_id"]
            proven = any(c.verified_at for c in self.state(org_id).domains.values())
            held = [s for s, g in grants.items() if (g.org_id, g.phase) == (org_id, "active")]
            return [] if proven else held
        if wanted.lookup == "seats_without_review":
            who = wanted.about["account"]
            cases = {s: self.state(s) for s in self.streams if s.startswith("app_")}
            return [
                s
                for s, case in cases.items()
                if case.phase == "reviewing" and who in case.seats and who not in case.reviews
            ]
        assert wanted.lookup == "grants_with_keys_of"
        return [
            stream
            for stream, grant in grants.items()
            if grant.org_id == wanted.about["org_id"]
            and grant.phase in ("active", "suspended")
            and any(grant.holders[c] == wanted.about["account"] for c in grant.live_credentials)
        ]

    def _decide(self, command: Any, actor: Actor) -> tuple[object, ...]:
        entry = registry.commands()[type(command)]
        state = self.state(command.stream)
        org_id = state.org_id or getattr(command, "org_id", None)
        roles.check(entry.kind, state.phase, entry.verb, actor, org_id)
        others = {s: self.state(s) for s in entry.reads(state, command)}
        version = getattr(state, "program_version", "") or getattr(command, "program_version", "")
        context = Context(actor, self.now, self.programs.get(version), others)
        return entry.decide(state, command, context)


def join(memory: Memory, account: str, role: str = "member") -> None:
    """Somebody is invited and accepts."""
    name = f"inv_{account}"
    memory.perform(
        Invite(ORG, name, TEXT, role, calendar.iso(memory.now + timedelta(days=7))), OWNER
    )
    memory.perform(AcceptInvitation(ORG, name), Actor(account, strength=Strength.PASSKEY))


def world() -> Memory:
    """An organization with an owner, and the shipped program in force."""
    memory = Memory()
    founder = Actor(OWNER.id, strength=Strength.PASSKEY)
    memory.perform(Register(ORG, name=TEXT), founder)
    join(memory, "acc_member")
    memory.perform(Activate("pol_cyber-defense", "cyber-defense", "v1", {}), OPERATOR)
    return memory


def submission(**changes: Any) -> Submit:
    whole: dict[str, Any] = {
        "stream": APP,
        "org_id": ORG,
        "program": "cyber-defense",
        "program_version": "v1",
        "tier": "verified-defender",
        "scopes": ASKED,
        "answers": TEXT,
        "answered": SHIPPED.required_answers,
        "files": tuple(EvidenceFile(q, TEXT) for q in SHIPPED.required_files),
        "terms": tuple(t.id for t in SHIPPED.terms),
        "declared": True,
    }
    return Submit(**{**whole, **changes})


def found(check: str, verdict: str = "pass", number: int = 1, stream: str = APP) -> RecordCheck:
    return RecordCheck(stream, check, number, verdict, 0, "Found.", TEXT, 1, "", "")


CHECKS = SHIPPED.stages[0].checks


def pass_checks(memory: Memory, stream: str = APP) -> None:
    for check in CHECKS:
        memory.perform(found(check, stream=stream), robot("tests"))


def opinion(recommendation: str = "approve", **changes: Any) -> Review:
    scores = {c.id: c.levels[-1].score for c in SHIPPED.rubric}
    whole = {"stream": APP, "recommendation": recommendation, "scores": scores, "reasons": TEXT}
    return Review(**{**whole, **changes})


def review(memory: Memory, reviewer: Actor, recommendation: str = "approve") -> None:
    memory.perform(TakeSeat(APP, no_conflict=True), reviewer)
    memory.perform(opinion(recommendation), reviewer)


def decision(memory: Memory, **changes: Any) -> Decide:
    whole: dict[str, Any] = {
        "stream": APP,
        "outcome": "approved",
        "scopes": ASKED,
        "reasons": (),
        "expires_at": calendar.iso(memory.now + timedelta(days=100)),
        "grant_id": GRANT,
        "letter": TEXT,
        "note": None,
        "signature": SIGNED,
    }
    return Decide(**{**whole, **changes})


def until(phase: str) -> Memory:
    """A world with an application in the phase; `granted` for an open grant."""
    memory = world()
    memory.perform(submission(), OWNER)
    if phase == "checking":
        return memory
    pass_checks(memory)
    if phase == "reviewing":
        return memory
    review(memory, RAE)
    review(memory, RIO)
    if phase == "deciding":
        return memory
    memory.perform(decision(memory), DANA)
    return memory


def on_staff(memory: Memory, *people: Actor) -> None:
    """Their accounts, with the roles that they act in: for rules that read what somebody holds."""
    for person in people:
        memory.perform(OpenAccount(person.id, address=TEXT, name=TEXT), Actor(person.id))
        for role in sorted(person.roles):
            memory.perform(Appoint(person.id, role), OPERATOR)
