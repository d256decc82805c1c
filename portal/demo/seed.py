"""Organizations in every state, made by performing commands as people would."""

from __future__ import annotations

import time
from datetime import timedelta

from portal import clock, ids, vault
from portal.boards import applications, organizations, programs
from portal.demo import answers, signing
from portal.demo.cast import SAMPLES, STAFF, Sample
from portal.demo.dns import ZoneFile
from portal.desk import drafts, links
from portal.evidence.dns import challenge_name
from portal.extensions import db
from portal.identity.signing_in import open_account
from portal.installation import settings
from portal.ledger import perform
from portal.ledger.codec import canonical
from workflows import calendar, letters
from workflows.actors import Actor, Strength
from workflows.application.commands.decide import Decide
from workflows.application.commands.review import Review
from workflows.application.commands.submit import Submit
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.application.events import EvidenceFile
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.register import Register

_ASKED = ("code:review", "malware:analyze", "detection:engineer")
_BEYOND_CHECKS = frozenset({"reviewing", "deciding", "approved", "suspended", "denied"})


def seed() -> None:
    """Make every sample that is not there yet; running it again makes none twice."""
    sent: list[tuple[Sample, str]] = []
    for sample in SAMPLES:
        address = f"sec@{sample.domain}"
        if links.account_of(address) is None:
            sent.append((sample, _apply(sample, address)))
    for sample, application in sent:
        if sample.ends in _BEYOND_CHECKS and _wait_for_review(application):
            _go_on(sample, application)


def _staff(key: str) -> Actor:
    person = next(p for p in STAFF if p.key == key)
    account = links.account_of(person.address) or ""
    return Actor(account, roles=frozenset(person.roles), strength=Strength.PASSKEY)


def _apply(sample: Sample, address: str) -> str:
    account, org = ids.new("acc"), ids.new("org")
    kept = vault.put(account, address)
    open_account(account, kept, links.address_digest(address), f"{sample.name} team",
                 Actor(account))  # fmt: skip
    perform(Register(org, name=vault.put(org, sample.name)), Actor(account))
    owner = Actor(account, memberships=organizations.of(account), strength=Strength.LINK)
    token = f"ta-{ids.new('org')[4:]}"
    perform(ClaimDomain(org, sample.domain, token, clock.iso_in(days=14)), owner)
    if sample.ends != "unproven":
        ZoneFile(settings().data_dir / "dns.json").set_txt(challenge_name(sample.domain), token)
    program = programs.named("cyber-defense")
    given = answers.of(sample.name, sample.domain, sample.country)
    if sample.ends == "draft":
        draft = drafts.start(org, program.name, owner)
        started = {k: given[k] for k in ("legal_name", "country", "domain", "website")}
        drafts.save(drafts.get(draft, owner), started, owner)
        return draft
    application = ids.new("app")
    terms = tuple(t.id for t in program.terms)
    whole = {**given, "tier": "verified-defender", "scopes": list(_ASKED), "terms": list(terms),
             "declared": True, "file:proof": {"name": "extract.txt", "type": "text/plain",
                                              "size": len(answers.PROOF)}}  # fmt: skip
    perform(
        Submit(
            stream=application,
            org_id=org,
            program=program.name,
            program_version=program.version,
            tier="verified-defender",
            scopes=_ASKED,
            answers=vault.put(org, canonical(whole)),
            answered=tuple(q.id for q in program.questions if whole.get(q.id) not in ("", [])),
            files=(EvidenceFile("proof", vault.put(org, answers.PROOF)),),
            terms=terms,
            declared=True,
        ),
        owner,
    )
    if sample.ends == "withdrawn":
        perform(Withdraw(application), owner)
    return application


def _wait_for_review(application: str, patience: float = 30.0) -> bool:
    """Wait until the worker has made the checks; False when it did not in time."""
    end = time.monotonic() + patience
    auditor = _staff("auditor")
    while time.monotonic() < end:
        db.session.rollback()  # look at the present, not at the snapshot of the last look
        if applications.get(application, auditor).phase == "reviewing":
            return True
        time.sleep(0.2)
    return False


def _go_on(sample: Sample, application: str) -> None:
    first, second = _staff("reviewer1"), _staff("reviewer2")
    _review(application, first)
    if sample.ends == "reviewing":
        return
    _review(application, second)
    if sample.ends == "deciding":
        return
    grant = _decide(sample, application)
    if sample.ends == "suspended":
        perform(Suspend(grant, reason="under_investigation"), _staff("manager"))


def _review(application: str, reviewer: Actor) -> None:
    auditor = _staff("auditor")
    row = applications.get(application, auditor)
    program = programs.by_version(row.program_version)
    perform(TakeSeat(application, no_conflict=True), reviewer)
    perform(
        Review(
            stream=application,
            recommendation="approve",
            scores={c.id: 2 for c in program.rubric},
            reasons=vault.put(row.org_id, "Evidenced, concrete, and in proportion."),
        ),
        reviewer,
    )


def _decide(sample: Sample, application: str) -> str:
    row = applications.get(application, _staff("auditor"))
    program = programs.by_version(row.program_version)
    denied = sample.ends == "denied"
    ends = "" if denied else calendar.iso(clock.now() + timedelta(days=300))
    reasons = ("purpose_unclear", "authorization_missing") if denied else ()
    outcome = "denied" if denied else "approved"
    letter = letters.compose(program, outcome=outcome, asked=_ASKED,
                             granted=() if denied else _ASKED, reasons=reasons,
                             expires_at=ends)  # fmt: skip
    grant = "" if denied else ids.new("gr")
    command = Decide(
        stream=application,
        outcome=outcome,
        scopes=() if denied else _ASKED,
        reasons=reasons,
        expires_at=ends,
        grant_id=grant,
        letter=vault.put(row.org_id, canonical(letter)),
        note=None,
        signature=None,
    )
    decider, device = _staff("decider"), signing.authenticator()
    signing.give_passkey(device, decider, "Decider")
    perform(signing.signed(device, decider, command, row.program_version), decider)
    return grant
