"""Submit an application under the program's active version."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.application.events import EvidenceFile, Submitted
from workflows.application.progress import open_stage
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import Conflict, Invalid
from workflows.program import Program, Tier
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Submit:
    stream: str
    org_id: str
    program: str
    program_version: str
    tier: str
    scopes: tuple[str, ...]
    answers: Vaulted
    answered: tuple[str, ...]
    files: tuple[EvidenceFile, ...]
    terms: tuple[str, ...]
    declared: bool


def reads(state: State, command: Submit) -> tuple[str, ...]:
    return (f"pol_{command.program}",)


def reachable_scopes(tier: Tier, program: Program) -> tuple[str, ...]:
    """Scopes that may be asked for with a tier: its own and those of every lower one."""
    lower = [t for t in program.tiers if t.level <= tier.level]
    return tuple(s.id for s in program.scopes if any(s.id in t.scopes for t in lower))


def decide(state: State, command: Submit, context: Context) -> tuple[object, ...]:
    program = context.pinned()
    active = context.others[f"pol_{command.program}"].active
    if active != command.program_version:
        raise Conflict(
            "the program's rules changed while you were applying",
            code="program_changed",
            remedy="look through your answers again and submit; nothing you typed is lost",
        )
    tier = program.tier(command.tier)
    if tier is None:
        raise Invalid("no tier is chosen", fields={"tier": "Choose a tier"})
    _check_scopes(command, tier, program)
    missing = [q for q in program.required_answers if q not in command.answered]
    supplied = {f.question for f in command.files}
    missing += [q for q in program.required_files if q not in supplied]
    if missing:
        labels = {q.id: q.label for q in program.questions}
        raise Invalid(
            f"{len(missing)} required answers are missing",
            code="incomplete",
            remedy="answer them, then submit",
            fields={q: f"Answer: {labels[q]}" for q in missing},
        )
    if set(command.terms) != {t.id for t in program.terms}:
        raise Invalid("the terms are not all accepted", fields={"terms": "Accept each term"})
    if not command.declared:
        raise Invalid(
            "the declaration is not made",
            fields={"declared": "Confirm that the answers are true and that you may apply"},
        )
    promised = calendar.add_working_days(context.now, program.promise_days)
    return (
        Submitted(
            org_id=command.org_id,
            program=command.program,
            program_version=command.program_version,
            tier=command.tier,
            scopes=command.scopes,
            answers=command.answers,
            answered=command.answered,
            files=command.files,
            terms=command.terms,
            promised_at=calendar.iso(promised),
        ),
        *open_stage(0, program),
    )


def _check_scopes(command: Submit, tier: Tier, program: Program) -> None:
    if not command.scopes:
        raise Invalid("no scope is asked for", fields={"scopes": "Choose at least one scope"})
    beyond = [s for s in command.scopes if s not in reachable_scopes(tier, program)]
    if beyond:
        raise Invalid(
            f"{tier.title} does not include {', '.join(beyond)}",
            remedy="choose a higher tier, or leave these scopes out",
            fields={"scopes": f"{tier.title} does not include {', '.join(beyond)}"},
        )
