"""The letter of a decision, composed from what was decided and the program's own words."""

from __future__ import annotations

from typing import Any

from workflows.program import Program


def compose(
    program: Program,
    *,
    outcome: str,
    asked: tuple[str, ...],
    granted: tuple[str, ...],
    reasons: tuple[str, ...],
    expires_at: str,
    message: str = "",
) -> dict[str, Any]:
    """The letter's parts, ready to be laid out; the same parts make page and mail.

    Returns:
        `subject`, `opening`, `scopes` (title, meaning, granted), `reasons` (title, text,
        remedy), `expires_at` (ISO 8601 UTC or ""), `message`, `closing`.
    """
    narrower = outcome == "approved" and set(granted) < set(asked)
    subject, opening = _words(program, outcome, narrower)
    return {
        "subject": subject,
        "opening": opening,
        "scopes": [
            {"title": s.title, "meaning": s.meaning, "granted": s.id in granted}
            for s in program.scopes
            if s.id in asked
        ],
        "reasons": [
            {"title": r.title, "text": r.text, "remedy": r.remedy}
            for r in program.reasons
            if r.code in reasons
        ],
        "expires_at": expires_at if outcome == "approved" else "",
        "message": message,
        "closing": (
            "Two or more people reviewed your application without knowing each other’s opinion, "
            "and somebody else decided it."
        ),
    }


def _words(program: Program, outcome: str, narrower: bool) -> tuple[str, str]:
    if outcome == "denied":
        return (
            "Your application was denied",
            f"The {program.title} does not grant the access that you asked for. "
            "Below is every reason, each with what you can do about it.",
        )
    if narrower:
        return (
            "A part of the access that you asked for was granted",
            f"The {program.title} grants your organization the scopes marked below. "
            "Why the others are not among them stands underneath.",
        )
    return (
        "The access that you asked for was granted",
        f"The {program.title} grants your organization everything that it asked for.",
    )
