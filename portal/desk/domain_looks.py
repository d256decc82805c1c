"""When a proven domain was last looked at, and since when its proof is missed.

Not on the ledger: a look that finds what was there changes nothing. What a long absence leads to
is an event.
"""

from __future__ import annotations

from sqlalchemy import select, update

from portal import clock
from portal.desk.tables import domain_looks
from portal.extensions import db
from portal.ledger.database import insert_once, writing

GAP_DAYS = 3


def seen(org_id: str, domain: str) -> None:
    """The proof was there at this moment."""
    _note(org_id, domain, missed_since="")


def missed(org_id: str, domain: str) -> str:
    """Looked, and nothing found or nobody answered; since when that is so (ISO 8601 UTC).

    It begins anew after `GAP_DAYS` in which nobody looked: those days say nothing.
    """
    since = _missed_since(org_id, domain) or clock.now_iso()
    _note(org_id, domain, missed_since=since)
    return since


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


def _note(org_id: str, domain: str, *, missed_since: str) -> None:
    at = {"looked_at": clock.now_iso(), "missed_since": missed_since}
    with writing() as connection:
        key = {"org_id": org_id, "domain": domain}
        if not insert_once(connection, domain_looks, ("org_id", "domain"), **key, **at):
            connection.execute(
                update(domain_looks)
                .where(domain_looks.c.org_id == org_id, domain_looks.c.domain == domain)
                .values(at)
            )
