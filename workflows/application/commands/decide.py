"""Decide: grant what was asked or less, or deny, for published reasons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from workflows import calendar, seats
from workflows.application.events import Decided, DecisionSigned
from workflows.application.state import State
from workflows.context import Context
from workflows.errors import Invalid
from workflows.program import Program
from workflows.signatures import Signature
from workflows.vaulted import Vaulted

OUTCOMES = ("approved", "denied")


@dataclass(frozen=True, slots=True)
class Decide:
    """`grant_id` is the id for the grant that an approval opens; `expires_at` ISO 8601 UTC.

    `signature` is the decider's passkey's, over `signatures.content`; the door has verified it.
    """

    stream: str
    outcome: str
    scopes: tuple[str, ...]
    reasons: tuple[str, ...]
    expires_at: str
    grant_id: str
    letter: Vaulted
    note: Vaulted | None
    signature: Signature | None


reads = seats.reads


def decide(state: State, command: Decide, context: Context) -> tuple[object, ...]:
    program = context.pinned()
    seats.check_may_decide(state, context)
    if command.outcome not in OUTCOMES:
        raise Invalid("no outcome is chosen", fields={"outcome": "Choose approve or deny"})
    _check_reasons(state, command, program)
    if command.outcome == "denied":
        decided = Decided("denied", (), command.reasons, "", "", command.letter, command.note)
    else:
        _check_grant(state, command, program, context.now)
        decided = Decided(
            outcome="approved",
            scopes=command.scopes,
            reasons=command.reasons,
            expires_at=command.expires_at,
            grant_id=command.grant_id,
            letter=command.letter,
            note=command.note,
        )
    return decided, _signed(command)


def _signed(command: Decide) -> DecisionSigned:
    """Asked for last: nobody is made to sign what a rule would refuse."""
    if command.signature is None:
        raise Invalid(
            "the decision is not signed",
            code="signature_missing",
            remedy="sign it with your passkey",
        )
    return DecisionSigned(**asdict(command.signature))


def _check_reasons(state: State, command: Decide, program: Program) -> None:
    narrower = command.outcome == "approved" and set(command.scopes) < set(state.scopes)
    needed = "deny" if command.outcome == "denied" else "narrow" if narrower else ""
    known = [program.reason(code) for code in command.reasons]
    if None in known:
        raise Invalid("a reason is not in the program", fields={"reasons": "Choose from the list"})
    if needed and not any(r and needed in r.outcomes for r in known):
        what = "a denial" if needed == "deny" else "granting less than was asked"
        raise Invalid(
            f"{what} needs a published reason",
            code="reason_missing",
            remedy="choose every reason that applies; the letter gives each with its remedy",
            fields={"reasons": "Choose at least one reason"},
        )
    needed_for = "deny" if command.outcome == "denied" else "narrow"
    if any(r and needed_for not in r.outcomes for r in known):
        raise Invalid(
            "a reason does not fit the outcome",
            code="reason_unfit",
            remedy="the letter would give a reason to deny with a grant, or the other way round",
            fields={"reasons": "Choose only reasons that fit the outcome"},
        )
    if command.outcome == "approved" and "deny" in state.reviews.values() and command.note is None:
        raise Invalid(
            "a reviewer recommended to deny",
            code="note_missing",
            remedy="write a private note on why you approve all the same",
            fields={"note": "Say why you approve although a reviewer recommended to deny"},
        )


def _check_grant(state: State, command: Decide, program: Program, now: datetime) -> None:
    if not command.scopes:
        raise Invalid("no scope is granted", fields={"scopes": "Choose a scope, or deny"})
    beyond = set(command.scopes) - set(state.scopes)
    if beyond:
        raise Invalid(
            f"{', '.join(sorted(beyond))} was not asked for",
            code="beyond_asked",
            remedy="grant what was asked or less",
            fields={"scopes": "Grant what was asked or less"},
        )
    tier = program.tier(state.tier)
    if tier is None or not command.grant_id:
        raise LookupError("a decision needs the pinned tier and an id for its grant")
    end = calendar.parse(command.expires_at)
    if end is None or not now < end <= now + timedelta(days=tier.grant_days):
        raise Invalid(
            "the grant's end is out of range",
            remedy=f"a date after today, at most {tier.grant_days} days ahead",
            fields={"expires_at": f"Choose a date within {tier.grant_days} days"},
        )
