"""The Program: a trusted-access program's rules as data, parsed and validated as a whole.

A program is a folder of TOML files that are read as one document. `parse` either returns a
`Program` or raises `ProgramInvalid` with every problem found: the file, the path of the entry
inside it, what was found and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.program_reader import Problem, ProgramInvalid, Reader
from workflows.shelves import CHECKS, STAGES

__all__ = [
    "Criterion", "Level", "Option", "Problem", "Program", "ProgramInvalid", "Question", "Reason",
    "Scope", "Section", "Stage", "Term", "Tier", "parse",
]  # fmt: skip

FILES = ("program.toml", "form.toml", "reasons.toml", "terms.toml")
QUESTION_KINDS = (
    "text", "textarea", "email", "url", "domain", "integer", "date", "select", "radio",
    "checkbox", "checkboxes", "file", "country",
)  # fmt: skip
_ALWAYS_CHECKED = ("completeness", "domain_control", "sanctions_name")
_NEEDS_MEANING = {"domain_control": "domain", "sanctions_name": "legal_name"}
_WITH_OPTIONS = ("select", "radio", "checkboxes")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,47}")
_SCOPE = re.compile(r"[a-z][a-z0-9]*:[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may be asked for. `actions` go into RFC 9396 authorization_details."""

    id: str
    title: str
    meaning: str
    risk: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of access: its scopes, how many reviewers it takes, how long a grant lasts."""

    id: str
    level: int
    title: str
    summary: str
    scopes: tuple[str, ...]
    reviewers: int
    grant_days: int
    token_seconds: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of vetting; `kind` names a file in `workflows/stages/`."""

    kind: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form. `meaning` ties an answer to a fact that checks ask for."""

    id: str
    kind: str
    label: str
    hint: str
    required: bool
    options: tuple[Option, ...]
    max_length: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    intro: str
    group: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A published reason for a decision, with what the applicant can do about it."""

    code: str
    title: str
    text: str
    remedy: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    score: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of the rubric; every level has an anchor: what one sees when it applies."""

    id: str
    title: str
    question: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Term:
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """A validated program document; `version` is the digest of the document (hex SHA-256)."""

    name: str
    version: str
    title: str
    summary: str
    promise_days: int
    screening_max_age_days: int
    domain_challenge_days: int
    tiers: tuple[Tier, ...]
    scopes: tuple[Scope, ...]
    stages: tuple[Stage, ...]
    sections: tuple[Section, ...]
    rubric: tuple[Criterion, ...]
    reasons: tuple[Reason, ...]
    terms: tuple[Term, ...]

    def tier(self, tier_id: str) -> Tier | None:
        return next((t for t in self.tiers if t.id == tier_id), None)

    def scope(self, scope_id: str) -> Scope | None:
        return next((s for s in self.scopes if s.id == scope_id), None)

    def reason(self, code: str) -> Reason | None:
        return next((r for r in self.reasons if r.code == code), None)

    def stage(self, index: int) -> Stage:
        return self.stages[index]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(q for section in self.sections for q in section.questions)

    @property
    def required_answers(self) -> tuple[str, ...]:
        """Ids of the questions that must be answered, files left out."""
        return tuple(q.id for q in self.questions if q.required and q.kind != "file")

    @property
    def required_files(self) -> tuple[str, ...]:
        return tuple(q.id for q in self.questions if q.required and q.kind == "file")

    def question_meaning(self, meaning: str) -> Question | None:
        """The question whose answer is the fact `meaning` (`legal_name`, `domain`, ...)."""
        return next((q for q in self.questions if q.meaning == meaning), None)


def parse(documents: Mapping[str, Mapping[str, Any]], version: str) -> Program:
    """Read a program from its parsed TOML files.

    Args:
        documents: file name -> parsed TOML; must hold every name in `FILES`.
        version: digest of the raw documents, kept as the program's version.

    Raises:
        ProgramInvalid: with every problem found.
    """
    problems: list[Problem] = [
        Problem(name, "", "the file is missing", f"add {name} beside the others")
        for name in FILES
        if name not in documents
    ]
    if problems:
        raise ProgramInvalid(problems)
    main = Reader("program.toml", documents["program.toml"], problems)
    screening = main.table("screening")
    program = Program(
        name=main.identifier("name"),
        version=version,
        title=main.text("title"),
        summary=main.text("summary"),
        promise_days=main.integer("promise_days", 1, 365),
        screening_max_age_days=screening.integer("max_age_days", 1, 366),
        domain_challenge_days=main.integer("domain_challenge_days", 1, 90),
        scopes=main.each("scopes", _scope),
        tiers=main.each("tiers", _tier),
        stages=main.each("stages", _stage),
        rubric=main.each("rubric", _criterion),
        sections=Reader("form.toml", documents["form.toml"], problems).each("sections", _section),
        reasons=Reader("reasons.toml", documents["reasons.toml"], problems).each(
            "reasons", _reason
        ),
        terms=Reader("terms.toml", documents["terms.toml"], problems).each("terms", _term),
    )
    if not problems:
        problems.extend(_contradictions(program))
    if problems:
        raise ProgramInvalid(problems)
    return program


def _scope(r: Reader) -> Scope:
    return Scope(
        id=r.matching("id", _SCOPE, "`area:verb` in lower case, such as code:review"),
        title=r.text("title"),
        meaning=r.text("meaning"),
        risk=r.one_of("risk", ("low", "medium", "high")),
        actions=r.texts("actions"),
    )


def _tier(r: Reader) -> Tier:
    return Tier(
        id=r.identifier("id"),
        level=r.integer("level", 1, 9),
        title=r.text("title"),
        summary=r.text("summary"),
        scopes=r.texts("scopes"),
        reviewers=r.integer("reviewers", 2, 9),
        grant_days=r.integer("grant_days", 1, 730),
        token_seconds=r.integer("token_seconds", 30, 300),
    )


def _stage(r: Reader) -> Stage:
    kind = r.one_of("kind", STAGES)
    checks = r.texts("checks", known=CHECKS) if kind == "checks" else ()
    return Stage(kind=kind, checks=checks)


def _criterion(r: Reader) -> Criterion:
    return Criterion(
        id=r.identifier("id"),
        title=r.text("title"),
        question=r.text("question"),
        levels=r.each(
            "levels", lambda level: Level(level.integer("score", 0, 9), level.text("anchor"))
        ),
    )


def _section(r: Reader) -> Section:
    return Section(
        id=r.identifier("id"),
        title=r.text("title"),
        intro=r.text("intro", default=""),
        group=r.text("group"),
        questions=r.each("questions", _question),
    )


def _question(r: Reader) -> Question:
    kind = r.one_of("kind", QUESTION_KINDS)
    return Question(
        id=r.matching("id", _IDENTIFIER, "lower case letters, digits, _ and -"),
        kind=kind,
        label=r.text("label"),
        hint=r.text("hint", default=""),
        required=r.boolean("required", default=True),
        options=r.each("options", lambda o: Option(o.text("value"), o.text("label")))
        if kind in _WITH_OPTIONS
        else (),
        max_length=r.integer("max_length", 1, 10_000, default=2000 if kind == "textarea" else 200),
        meaning=r.text("meaning", default=""),
    )


def _reason(r: Reader) -> Reason:
    return Reason(
        code=r.identifier("code"),
        title=r.text("title"),
        text=r.text("text"),
        remedy=r.text("remedy"),
        outcomes=r.texts("outcomes", known=("deny", "narrow")),
    )


def _term(r: Reader) -> Term:
    return Term(id=r.identifier("id"), title=r.text("title"), text=r.text("text"))


def _contradictions(program: Program) -> list[Problem]:
    """What each entry alone cannot show: references, duplicates, stages that cannot finish."""
    found: list[Problem] = []

    def bad(file: str, path: str, what: str, remedy: str) -> None:
        found.append(Problem(file, path, what, remedy))

    unique = (
        ("program.toml", "tiers[].id", [t.id for t in program.tiers]),
        ("program.toml", "tiers[].level", [str(t.level) for t in program.tiers]),
        ("program.toml", "scopes[].id", [s.id for s in program.scopes]),
        ("program.toml", "stages[].kind", [s.kind for s in program.stages]),
        ("program.toml", "rubric[].id", [c.id for c in program.rubric]),
        ("form.toml", "sections[].id", [s.id for s in program.sections]),
        ("form.toml", "sections[].questions[].id", [q.id for q in program.questions]),
        ("reasons.toml", "reasons[].code", [r.code for r in program.reasons]),
        ("terms.toml", "terms[].id", [t.id for t in program.terms]),
    )
    for file, path, values in unique:
        for twice in sorted({v for v in values if values.count(v) > 1}):
            bad(file, path, f"{twice!r} stands more than once", "give each entry its own")

    scope_ids = {s.id for s in program.scopes}
    for i, tier in enumerate(program.tiers):
        for scope in tier.scopes:
            if scope not in scope_ids:
                bad("program.toml", f"tiers[{i}].scopes", f"{scope!r} is not a scope",
                    f"one of {', '.join(sorted(scope_ids))}")  # fmt: skip
    guarded = {s for t in program.tiers for s in t.scopes}
    for i, scope_entry in enumerate(program.scopes):
        if scope_entry.id not in guarded:
            bad("program.toml", f"scopes[{i}].id", f"no tier guards {scope_entry.id!r}",
                "name it in a tier's scopes, or remove it")  # fmt: skip

    kinds = [s.kind for s in program.stages]
    if kinds != ["checks", "review", "decision"]:
        bad("program.toml", "stages", f"the stages are {', '.join(kinds) or 'absent'}",
            "checks, then review, then decision: nothing is decided unreviewed")  # fmt: skip
    present = [c for s in program.stages for c in s.checks]
    for check in _ALWAYS_CHECKED:
        if check not in present:
            bad("program.toml", "stages[].checks", f"the check {check} is missing",
                "name it: no program goes without it")  # fmt: skip
    for check in sorted({c for c in present if present.count(c) > 1}):
        bad("program.toml", "stages[].checks", f"{check!r} stands more than once", "name it once")
    for check, meaning in _NEEDS_MEANING.items():
        if check in present and program.question_meaning(meaning) is None:
            bad("form.toml", "sections[].questions[].meaning",
                f"the check {check} needs a question with meaning {meaning!r}",
                f'give one question meaning = "{meaning}"')  # fmt: skip
    for i, criterion in enumerate(program.rubric):
        scores = [level.score for level in criterion.levels]
        if scores != sorted(set(scores)) or len(scores) < 2:
            bad("program.toml", f"rubric[{i}].levels", "the scores do not rise",
                "at least two levels, each score higher than the one before")  # fmt: skip
    for outcome in ("deny", "narrow"):
        if not any(outcome in r.outcomes for r in program.reasons):
            bad("reasons.toml", "reasons[].outcomes", f"no reason serves to {outcome}",
                f'at least one reason with outcomes = ["{outcome}"]')  # fmt: skip
    return found
