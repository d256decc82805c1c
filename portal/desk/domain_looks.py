"""When a claimed domain was last looked at, what that came to, and since when its proof is missed.

Not on the ledger: a look that finds what was there changes nothing. What a long absence leads to
is an event.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from portal import clock
from portal.desk.tables import domain_looks
from portal.extensions import db
from portal.ledger.database import insert_once, writing
from workflows.organization.proofs import FileOutcome, Outcome

GAP_DAYS = 3


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one look came to; `ways` are where the token was: of "dns" and "file", or none."""

    record: Outcome
    file: FileOutcome
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Last:
    """The last look, and `ways`: where the last one that found the token found it.

    `record` and `file` are None for a look before they were kept.
    """

    looked_at: str
    record: Outcome | None
    file: FileOutcome | None
    found: tuple[str, ...]
    ways: tuple[str, ...]


def seen(org_id: str, domain: str, outcomes: Outcomes) -> None:
    """The proof was there at this moment, or the domain is not proven: nothing is missed."""
    _note(org_id, domain, outcomes, missed_since="")


def missed(org_id: str, domain: str, outcomes: Outcomes) -> str:
    """Looked, and nothing found or nobody answered; since when that is so (ISO 8601 UTC).

    It begins anew after `GAP_DAYS` in which nobody looked: those days say nothing.
    """
    since = _missed_since(org_id, domain) or clock.now_iso()
    _note(org_id, domain, outcomes, missed_since=since)
    return since


def forget(org_id: str, domain: str) -> None:
    """What was found before a claim was made anew says nothing of the new one."""
    with writing() as connection:
        connection.execute(
            delete(domain_looks).where(
                domain_looks.c.org_id == org_id, domain_looks.c.domain == domain
            )
        )


def last(org_id: str, domain: str) -> Last | None:
    with db.engine.connect() as connection:
        row = connection.execute(
            select(domain_looks).where(
                domain_looks.c.org_id == org_id, domain_looks.c.domain == domain
            )
        ).one_or_none()
    if row is None:
        return None
    return Last(
        row.looked_at,
        Outcome(row.record) if row.record else None,
        FileOutcome(row.file) if row.file else None,
        tuple(row.found_by.split()),
        tuple(row.ways.split()),
    )


def _missed_since(org_id: str, domain: str) -> str:
    with db.engine.connect() as connection:
        found: str | None = connection.execute(
            select(domain_looks.c.missed_since).where(
                domain_looks.c.org_id == org_id,
                domain_looks.c.domain == domain,
                domain_looks.c.looked_at > clock.iso_in(days=-GAP_DAYS),
            )
        ).scalar()
    return found or ""


def looked_since(when: str) -> set[tuple[str, str]]:
    """(organization, domain) of everything looked at since a time (ISO 8601 UTC)."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(domain_looks.c.org_id, domain_looks.c.domain).where(
                domain_looks.c.looked_at >= when
            )
        ).all()
    return {(row.org_id, row.domain) for row in rows}


def _note(org_id: str, domain: str, outcomes: Outcomes, *, missed_since: str) -> None:
    found = " ".join(outcomes.ways)
    at = {"looked_at": clock.now_iso(), "missed_since": missed_since, "found_by": found,
          "record": outcomes.record.value, "file": outcomes.file.value}  # fmt: skip
    if found:
        at["ways"] = found
    with writing() as connection:
        key = {"org_id": org_id, "domain": domain}
        if not insert_once(connection, domain_looks, ("org_id", "domain"), **key, **at):
            connection.execute(
                update(domain_looks)
                .where(domain_looks.c.org_id == org_id, domain_looks.c.domain == domain)
                .values(at)
            )
