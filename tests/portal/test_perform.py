"""The one writer: what it writes together, what it refuses, how it decides again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock, founding, ids, vault
from portal.boards import applications, grants, programs
from portal.extensions import db
from portal.issuing import public_keys
from portal.ledger import outbox, perform, store, timeline, verify
from portal.ledger.sequencer import place_all
from portal.ledger.tables import jobs
from portal.vault.tables import items
from tests import builders
from tests.portal.ledger import history
from workflows import roles
from workflows.actors import Strength, operator, robot
from workflows.application.commands.decide import Decide
from workflows.application.commands.review import Review
from workflows.application.commands.submit import Submit
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.errors import Conflict, NotAllowed, NotNow, Refused, StrengthNeeded
from workflows.grant.commands.open import Open
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.policy.commands.activate import Activate
from workflows.service.commands.register import Register as RegisterService


def test_the_whole_way_from_an_application_to_a_grant(either_app: Flask) -> None:
    """An application goes by commands from submission to a grant, on both databases."""
    people, org = builders.staff(), builders.organization()
    application = builders.submit(org)
    assert applications.get(application, people.auditor).phase == "checking"
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer)
    grant = builders.decide(
        application, people.decider, ("malware:analyze",), reasons=("scope_beyond_purpose",)
    )
    row = grants.get(grant, people.auditor)
    assert (row.status, row.scopes, row.application) == (
        "active",
        '["malware:analyze"]',
        application,
    )
    place_all()
    verdict = verify.verify()
    assert verdict.ok
    assert verdict.unplaced == 0
    assert verdict.entries == verdict.placed


def refusals() -> list[tuple[type[Refused], Any, Any]]:
    """Refused for role, phase, strength, rule, uniqueness and by a reaction's command."""
    people, org = builders.staff(), builders.organization()
    checking, deciding = builders.submit(org), builders.submit(org)
    builders.pass_checks(deciding)
    for reviewer in people.reviewers:
        builders.review(deciding, reviewer)
    builders.service(people)
    taken = RegisterService(ids.new("svc"), "Again", "https://api.example", builders.ASKED)
    weak = builders.again(people.decider, Strength.LINK)
    return [
        (NotAllowed, TakeSeat(checking, no_conflict=True), people.decider),
        (NotNow, TakeSeat(checking, no_conflict=True), people.reviewers[0]),
        (StrengthNeeded, _denial(deciding, org), weak),
        (NotAllowed, _denial(deciding, org), people.reviewers[0]),
        (Conflict, taken, people.developer),
        (NotAllowed, Open(ids.new("gr"), checking), people.decider),
    ]


def _denial(application: str, org: builders.Org) -> Decide:
    reason, letter = history.reasons("deny"), vault.put(org.id, "{}")
    return Decide(application, "denied", (), reason, "", "", letter, None, None)


def test_a_refusal_writes_nothing(either_app: Flask) -> None:
    """After each kind of refusal events, heads, jobs and every board are as they were."""
    for kind, command, actor in refusals():
        before = history.written()
        with pytest.raises(kind):
            perform(command, actor)
        assert history.written() == before, command


def test_permission_comes_before_the_rule(app: Flask) -> None:
    """Somebody without the role gets one answer in every phase: it tells nothing of the state."""
    people, org = builders.staff(), builders.organization()
    withdrawn, checking = builders.submit(org), builders.submit(org)
    perform(Withdraw(withdrawn), org.owner)
    stranger = builders.person()
    told = set()
    for stream in (withdrawn, checking, ids.new("app")):
        with pytest.raises(NotAllowed) as refused:
            perform(Withdraw(stream), stranger)
        told.add((refused.value.code, refused.value.message, refused.value.remedy))
    assert told == {("not_allowed", "your role does not allow this", "")}
    with pytest.raises(NotNow):
        perform(Withdraw(withdrawn), org.owner)
    assert people.intake


def test_permission_is_asked_of_every_reaction_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision whose grant may not be opened by this actor is not recorded either."""
    people, org = builders.staff(), builders.organization()
    application = builders.submit(org)
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer)
    absent = {("grant", "absent"): {"decider": frozenset()}}
    monkeypatch.setattr(roles, "TABLE", {**roles.TABLE, **absent})
    before = history.written()
    with pytest.raises(NotAllowed):
        builders.decide(application, people.decider)
    assert history.written() == before


def another_version() -> Activate:
    """The shipped program with one word more, ready to be activated."""
    program, texts = founding.read_program(founding.SHIPPED / "cyber-defense")
    texts = {**texts, "program.toml": texts["program.toml"] + "\n# a later version\n"}
    return Activate(f"pol_{program.name}", program.name, "f" * 64, texts)


def between_reading_and_writing(monkeypatch: pytest.MonkeyPatch, what: Callable[[], None]) -> None:
    """Let `what` happen once when a decision is made and its writing is about to begin.

    On SQLite nobody can come between (the transaction began IMMEDIATE); there it happens before.
    """
    real, waiting = store.append, [what]

    def append(*args: Any, **named: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*args, **named)

    monkeypatch.setattr(store, "append", append)


def test_a_program_activated_in_between_is_seen(
    postgres_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that changes between reading and writing makes Submit be decided again and refuse."""
    org = builders.organization()
    before = history.written()["applications"]

    def activate() -> None:
        found = history.at_once(postgres_app, [lambda: perform(another_version(), operator("t"))])
        assert not isinstance(found[0], Exception), found

    between_reading_and_writing(monkeypatch, activate)
    with pytest.raises(Conflict) as refused:
        builders.submit(org)
    assert refused.value.code == "program_changed"
    assert history.written()["applications"] == before


def test_a_version_that_is_not_active_is_refused(either_app: Flask) -> None:
    """An application filled in under the version before this one is refused with its code."""
    org = builders.organization()
    old = programs.named("cyber-defense")
    perform(another_version(), operator("tests"))
    command = Submit(
        ids.new("app"), org.id, old.name, old.version, "verified-defender", builders.ASKED,
        vault.put(org.id, "{}"), (), (), (), declared=True,
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        perform(command, org.owner)
    assert refused.value.code == "program_changed"


def test_a_decision_that_always_loses_ends_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A race lost five times ends as a Conflict that says what to do, and nothing is written."""
    org = builders.organization()
    application = builders.submit(org)
    tries = []

    def lost(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise store.LostRace("always")

    monkeypatch.setattr(store, "append", lost)
    before = history.written()
    with pytest.raises(Conflict) as refused:
        perform(Withdraw(application), org.owner)
    assert (len(tries), refused.value.remedy) == (5, "try again")
    assert history.written() == before


def test_a_command_that_changes_nothing_writes_nothing(app: Flask) -> None:
    """A second seat of the same reviewer is no event, no job and no lock."""
    people, org = builders.staff(), builders.organization()
    application = builders.submit(org)
    builders.pass_checks(application)
    first = perform(TakeSeat(application, no_conflict=True), people.reviewers[0])
    assert [e.name for e in first.envelopes] == ["SeatTaken"]
    before = history.written()
    assert perform(TakeSeat(application, no_conflict=True), people.reviewers[0]).envelopes == ()
    assert history.written() == before


def test_a_key_is_registered_once(either_app: Flask) -> None:
    """One public key under two grants: the second is refused in words, also once it is revoked."""
    people = builders.staff()
    one = builders.organization()
    two = builders.organization("Fjord CSIRT", "fjord.example")
    first, second = builders.grant(one, people), builders.grant(two, people)
    _, key = builders.credential(one, first)
    public = public_keys.from_members(key.as_dict(private=False))
    before = history.written()
    with pytest.raises(Conflict) as refused:
        perform(
            RegisterCredential(second, ids.new("cred"), public.jkt, public.jwk,
                               vault.put(two.id, "Theirs")),
            builders.again(two.owner),
        )  # fmt: skip
    assert refused.value.message == "this key is registered already; make a new one"
    assert history.written() == before


@pytest.mark.parametrize("domain", ["harborcert.example", "services.passkeys.example"])
def test_a_domain_is_proven_by_one_organization(either_app: Flask, domain: str) -> None:
    """Whoever proves a domain first keeps it; the other is told so, whatever its name contains."""
    one, two = builders.organization("A", domain), builders.organization("B", domain)
    perform(VerifyDomain(one.id, domain, one.token, clock.now_iso()), robot("dns"))
    before = history.written()
    with pytest.raises(Conflict) as refused:
        perform(VerifyDomain(two.id, domain, two.token, clock.now_iso()), robot("dns"))
    assert refused.value.message == "another organization has verified this domain"
    assert history.written() == before


def test_the_loser_is_told_what_changed_meanwhile(app: Flask) -> None:
    """A refusal says what happened since the person looked, with its time."""
    org = builders.organization()
    application = builders.submit(org)
    seen = timeline.seen(application, org.owner)
    perform(Withdraw(application), org.colleague())
    with pytest.raises(NotNow) as refused:
        perform(Withdraw(application), org.owner, seen=seen)
    (told,) = refused.value.meanwhile
    assert told.startswith("The application was withdrawn (2")
    assert told.endswith(" UTC)")
    with pytest.raises(NotNow) as quiet:
        perform(Withdraw(application), org.owner)
    assert quiet.value.meanwhile == ()


def test_an_applicant_is_never_told_of_reviews(app: Flask) -> None:
    """What changed meanwhile holds no seat, no review and no name match for an applicant."""
    people, org = builders.staff(), builders.organization()
    application = builders.submit(org)
    mine = timeline.seen(application, org.owner)
    auditors = timeline.seen(application, people.auditor)
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer, "deny")
    builders.decide(application, people.decider, outcome="denied", reasons=history.reasons("deny"))
    with pytest.raises(NotNow) as refused:
        perform(Withdraw(application), org.owner, seen=mine)
    told = [line.split(" (2")[0] for line in refused.value.meanwhile]
    assert told == [
        "The check “completeness” gave pass", "The check “domain control” gave pass",
        "The stage “review” began", "The stage “decision” began", "The application was denied",
    ]  # fmt: skip
    with pytest.raises(NotNow) as other:
        perform(TakeSeat(application, no_conflict=True), people.reviewers[0], seen=auditors)
    assert len(other.value.meanwhile) > len(told)


def test_a_reviewer_is_not_told_of_the_other_review(app: Flask) -> None:
    """While a case is blind, a refused reviewer hears nothing of others' seats and reviews."""
    people, org = builders.staff(), builders.organization()
    third = builders.person("Third", roles=("reviewer",))
    application = builders.submit(org)
    builders.pass_checks(application)
    one, two = people.reviewers
    seen = timeline.seen(application, third)
    perform(TakeSeat(application, no_conflict=True), one)
    builders.review(application, two)
    with pytest.raises(NotNow) as refused:
        perform(TakeSeat(application, no_conflict=True), third, seen=seen)
    assert (refused.value.code, refused.value.meanwhile) == ("seats_full", ())
    with pytest.raises(NotNow) as own:
        perform(_review(application, org), two, seen=seen)
    told = [line.split(" (2")[0] for line in own.value.meanwhile]
    assert told == ["A reviewer took a seat", "A review was given"]  # their own, not the other's


def _review(application: str, org: builders.Org) -> Review:
    program = programs.named("cyber-defense")
    scores = {c.id: 2 for c in program.rubric}
    return Review(application, "approve", scores, vault.put(org.id, "In order."))


def test_jobs_are_written_with_their_event(either_app: Flask) -> None:
    """A submission leaves one job for each check and one notice, keyed by what causes them."""
    org = builders.organization()
    application = builders.submit(org)
    with db.engine.connect() as connection:
        found = connection.execute(select(jobs.c.key).where(jobs.c.payload.contains(application)))
        keys = sorted(found.scalars())
    assert keys == [
        *(f"check:{application}:{c}:1" for c in
          ("completeness", "domain_control", "sanctions_name")),
        f"notice:submitted:{application}:1",
    ]  # fmt: skip


def test_what_an_event_speaks_of_is_kept(app: Flask) -> None:
    """Vault items are marked as kept by the event that names them, nested ones too; others not."""
    org = builders.organization()
    orphan = vault.put(org.id, "never spoken of")
    builders.submit(org)
    with db.engine.connect() as connection:
        found = connection.execute(select(items).where(items.c.subject == org.id)).all()
        kept = {row.id: row.kept for row in found}
    assert kept.pop(orphan.id) == 0
    assert len(kept) == 3  # the organization's name, the answers, the file
    assert set(kept.values()) == {1}


def test_the_bell_rings_for_what_is_committed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker hears of a job only once its row can be read, and never of a refused command."""
    org = builders.organization()
    heard: list[tuple[str, bool]] = []

    def bell(job_id: str) -> None:
        with db.engine.connect() as connection:
            there = connection.execute(select(jobs.c.id).where(jobs.c.id == job_id)).scalar()
        heard.append((job_id, there == job_id))

    monkeypatch.setattr(outbox, "ring", [bell])
    application = builders.submit(org)
    assert [there for _, there in heard] == [True] * 4
    heard.clear()
    with pytest.raises(NotAllowed):
        perform(Withdraw(application), builders.person())
    assert heard == []
