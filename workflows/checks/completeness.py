"""Everything that the program asks for is there; says nothing of whether it is true."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.checks.finding import Example, Finding, Line, Verdict

VERSION = 1
LABEL = "Completeness"
SOURCE = "the application"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked and what is there.

    Attributes:
        questions_required, questions_answered: identifiers of the program's questions.
        evidence_required, evidence_supplied: identifiers of the kinds of evidence.
        declared: the declaration was made by somebody who may make it.
        terms_accepted: the program's terms were accepted by everybody who must.
    """

    questions_required: tuple[str, ...]
    questions_answered: tuple[str, ...]
    evidence_required: tuple[str, ...]
    evidence_supplied: tuple[str, ...]
    declared: bool
    terms_accepted: bool


def judge(facts: Facts) -> Finding:
    """Pass when nothing is missing; else fail, naming each missing identifier once."""
    missing = {
        "answers": _missing(facts.questions_required, facts.questions_answered),
        "evidence": _missing(facts.evidence_required, facts.evidence_supplied),
        "steps": _missing_steps(facts),
    }
    lines = tuple(Line(f"Missing {what}", ", ".join(ids)) for what, ids in missing.items() if ids)
    if lines:
        named = "; ".join(f"{line.label.lower()}: {line.text}" for line in lines)
        return Finding(Verdict.FAIL, 0, f"{named[0].upper()}{named[1:]}.", lines)
    return Finding(
        Verdict.PASS,
        0,
        f"All {len(set(facts.questions_required))} required answers and "
        f"{len(set(facts.evidence_required))} required pieces of evidence are there, "
        "with declaration and terms.",
    )


def _missing(required: tuple[str, ...], present: tuple[str, ...]) -> tuple[str, ...]:
    """In the order of the form, each once."""
    return tuple(dict.fromkeys(item for item in required if item not in present))


def _missing_steps(facts: Facts) -> tuple[str, ...]:
    steps = {"declaration": facts.declared, "terms": facts.terms_accepted}
    return tuple(step for step, done in steps.items() if not done)


_WHOLE = Facts(
    questions_required=("legal_name", "use_case"),
    questions_answered=("legal_name", "use_case", "website"),
    evidence_required=("authorization",),
    evidence_supplied=("authorization",),
    declared=True,
    terms_accepted=True,
)

EXAMPLES: tuple[Example[Facts], ...] = (
    Example("everything that is asked for is there", _WHOLE, Verdict.PASS),
    Example(
        "nothing is asked for beyond the declaration and the terms",
        Facts((), (), (), (), declared=True, terms_accepted=True),
        Verdict.PASS,
    ),
    Example(
        "a required question has no answer",
        replace(_WHOLE, questions_answered=("legal_name",)),
        Verdict.FAIL,
    ),
    Example(
        "a required document was not supplied", replace(_WHOLE, evidence_supplied=()), Verdict.FAIL
    ),
    Example("nobody made the declaration", replace(_WHOLE, declared=False), Verdict.FAIL),
    Example("the terms were not accepted", replace(_WHOLE, terms_accepted=False), Verdict.FAIL),
)
