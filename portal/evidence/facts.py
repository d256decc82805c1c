"""Facts for each check of an application, from the vault, the boards and the outside world."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal import clock, vault
from portal.boards import applications, domains, programs
from portal.evidence import dns, imported, ofac, screening
from portal.evidence import domains as looks
from portal.evidence.well_known import NOT_ASKED
from workflows.checks import Verdict, completeness, domain_control

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts for a check's `judge`, with the digest and date of the outside data, "" if none."""

    facts: Any
    data_digest: str = ""
    data_date: str = ""


def gather(check: str, application: Any) -> Gathered:
    """The facts of one check for one application's row."""
    content = vault.read(application.answers_ref)
    answers: dict[str, Any] = json.loads(content) if content else {}
    return _OF[check](application, answers)


def _answer(application: Any, answers: dict[str, Any], meaning: str) -> str:
    question = programs.by_version(application.program_version).question_meaning(meaning)
    return str(answers.get(question.id, "")) if question else ""


def _completeness(application: Any, answers: dict[str, Any]) -> Gathered:
    program = programs.by_version(application.program_version)
    supplied = tuple(f.question for f in applications.files_for_robot(application.id))
    return Gathered(
        completeness.Facts(
            questions_required=program.required_answers,
            questions_answered=tuple(q for q, a in answers.items() if a not in ("", [], None)),
            evidence_required=program.required_files,
            evidence_supplied=supplied,
            declared=bool(answers.get("declared")),
            terms_accepted=set(answers.get("terms", ())) == {t.id for t in program.terms},
        )
    )


def _domain_control(application: Any, answers: dict[str, Any]) -> Gathered:
    domain = _answer(application, answers, "domain")
    claim = domains.claim_for_robot(application.org_id, domain)
    try:
        looked = looks.look_up(domain, claim.token if claim else "")
    except dns.InvalidDomain:
        # The form refuses such an answer; should one be there all the same, no name is looked up.
        record = dns.DnsAnswer(domain or "none", "", domain_control.Outcome.NO_NAME)
        looked = looks.Look(record, NOT_ASKED, ())
    facts = challenge_facts(claim, looked)
    if claim is not None and domain_control.judge(facts).verdict is Verdict.PASS:
        looks.note_found(application.org_id, domain, claim.token, looked)
    return Gathered(facts, data_date=clock.now_iso())


def challenge_facts(claim: Any, looked: looks.Look) -> domain_control.Facts:
    """What was found beside what was handed out; `claim` is a domain's row or None."""
    unproven = claim is not None and not claim.verified_at
    return domain_control.Facts(
        domain=looked.record.domain,
        expected=claim.token if claim else "",
        expires_at=clock.parse(claim.expires_at) if unproven else None,
        looked_at=clock.now(),
        outcome=looked.record.outcome,
        values=looked.record.values,
        file=looked.file.outcome,
        text=looked.file.text,
        proven_by=looks.proven_by(claim.org_id, claim.domain, claim.proof) if claim else (),
    )


def _sanctions_name(application: Any, answers: dict[str, Any]) -> Gathered:
    program = programs.by_version(application.program_version)
    copy = imported.current(ofac.SOURCE)
    aliases = _answer(application, answers, "aliases")
    facts = screening.screen(
        copy.sanctions,
        _answer(application, answers, "legal_name"),
        "organization",
        _answer(application, answers, "country"),
        other_names=tuple(a.strip() for a in aliases.replace(";", "\n").splitlines() if a.strip()),
        list_name="OFAC SDN list",
        imported_at=copy.imported_at,
        looked_at=clock.now(),
        max_age=program.screening_max_age_days * _DAY,
    )
    date = clock.iso(copy.imported_at) if copy.imported_at else ""
    return Gathered(facts, data_digest=facts.list_digest, data_date=date)


_OF: dict[str, Callable[[Any, dict[str, Any]], Gathered]] = {
    "completeness": _completeness,
    "domain_control": _domain_control,
    "sanctions_name": _sanctions_name,
}
