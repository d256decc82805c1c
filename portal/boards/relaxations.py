"""Rules that are relaxed while the program is small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, Row, String, delete, insert, select

from portal.boards import accounts
from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.account.recovery import KEEPERS
from workflows.installation import events as e
from workflows.installation.small_program import FEW_STAFF, RULES

relaxations = db.Table(
    "relaxations",
    Column("rule", String(48), primary_key=True),
    Column("reason_ref", String(40), nullable=False),
    Column("since", String(27), nullable=False),
    Column("by", String(80), nullable=False),
)
board(relaxations)


@projects(e.RuleRelaxed)
def _relaxed(connection: Connection, envelope: Envelope) -> None:
    event: e.RuleRelaxed = envelope.event
    connection.execute(
        insert(relaxations).values(
            rule=event.rule, reason_ref=event.reason.id, since=envelope.at, by=envelope.actor
        )
    )


@projects(e.RuleRestored)
def _restored(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(relaxations).where(relaxations.c.rule == envelope.event.rule))


def relaxed(rules: Iterable[str] = RULES) -> list[Row[Any]]:
    """Those of these rules that are relaxed now."""
    query = select(relaxations).where(relaxations.c.rule.in_(list(rules)))
    return every(query.order_by(relaxations.c.rule))


def _roles() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in accounts.staff_for_robot():
        found[row.account] = found.get(row.account, frozenset()) | {row.role}
    return found


def keepers() -> list[str]:
    """Who may propose, confirm or end a role."""
    return [account for account, held in _roles().items() if held & KEEPERS]


def too_few_to_recover(account: str) -> bool:
    """Whether no two keepers without a common role could recover this person."""
    held = [roles for other, roles in _roles().items() if other != account and roles & KEEPERS]
    return not any(not one & two for n, one in enumerate(held) for two in held[n + 1 :])


def others_of_staff(account: str) -> int:
    return len(_roles().keys() - {account})


def needed(rule: str) -> bool:
    """Whether the program has too few people for the rule that this one relaxes; for the doctor
    and the pages, as each use looks for itself."""
    if rule == "roles_by_one":
        return len(keepers()) < 2
    if rule == "emergency_by_one":
        return len(_roles()) < FEW_STAFF
    return any(too_few_to_recover(account) for account in _roles())
