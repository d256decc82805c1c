"""When a proven domain was last looked at, and last seen with its proof.

Not on the ledger: a look that finds what was there changes nothing. What a long absence leads to
is an event.
"""

from __future__ import annotations

from sqlalchemy import select, update

from portal import clock
from portal.desk.tables import domain_looks
from portal.extensions import db
from portal.ledger.database import insert_once, writing


def seen(org_id: str, domain: str) -> None:
    """The proof was there at this moment."""
    now = clock.now_iso()
    _note(org_id, domain, looked_at=now, seen_at=now)


def missed(org_id: str, domain: str) -> None:
    """Looked, and nothing found or nobody answered."""
    _note(org_id, domain, looked_at=clock.now_iso())


def last_seen(org_id: str, domain: str) -> str:
    """ISO 8601 UTC, "" when it was not seen since it was proven."""
    with db.engine.connect() as connection:
        found: str | None = connection.execute(
            select(domain_looks.c.seen_at).where(
                domain_looks.c.org_id == org_id, domain_looks.c.domain == domain
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


def _note(org_id: str, domain: str, **at: str) -> None:
    with writing() as connection:
        row = {"org_id": org_id, "domain": domain, "seen_at": ""} | at
        made = insert_once(connection, domain_looks, ("org_id", "domain"), **row)
        if not made:
            connection.execute(
                update(domain_looks)
                .where(domain_looks.c.org_id == org_id, domain_looks.c.domain == domain)
                .values(at)
            )
