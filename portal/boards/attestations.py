"""Whom and which keys an organization has to speak for: read from its members and its gates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from portal import clock
from portal.boards.grants import gates
from portal.boards.organizations import members
from portal.boards.rows import every
from workflows import attestation
from workflows.actors import Actor
from workflows.errors import NotAllowed, NotFound

MANAGERS = frozenset({"owner", "admin"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a word: rows of `members` and of `gates`, those that are due first on top.

    `opens` is when the next of the others may be spoken for (ISO 8601 UTC), "" for none.
    """

    people: tuple[Row[Any], ...]
    keys: tuple[Row[Any], ...]
    opens: str = ""

    @property
    def until(self) -> str:
        """When the first that is not suspended yet is due, or lapses if it was; "" for none."""
        now = clock.now_iso()
        dues = [row.attest_by for row in self.people if not row.suspended_at]
        dues += [row.attest_by for row in self.keys if not row.not_attested]
        return min((d if d > now else attestation.lapses_at(d) for d in dues), default="")


def check_manages(org_id: str, viewer: Actor) -> None:
    """Raises NotFound for a foreign organization, NotAllowed for whoever does not look after it."""
    if org_id not in viewer.memberships:
        raise NotFound("there is no such organization")
    if not viewer.memberships[org_id] & MANAGERS:
        raise NotAllowed(
            "who still works here is for the owner and the admins to say",
            remedy="ask one of them; they stand on the members' page",
        )


def waiting(org_id: str, viewer: Actor) -> Waiting:
    """What waits for this viewer's word: never they themselves."""
    check_manages(org_id, viewer)
    return _waiting(org_id, viewer.id)


def for_home(viewer: Actor) -> dict[str, Waiting]:
    """By organization that the viewer looks after, if anything waits there."""
    mine = [org_id for org_id, roles in viewer.memberships.items() if roles & MANAGERS]
    found = {org_id: _waiting(org_id, viewer.id) for org_id in mine}
    return {org_id: w for org_id, w in found.items() if w.people or w.keys}


def to_remind(org_id: str, day: str) -> Waiting:
    """For the task that reminds: what is due as many days after `day` (YYYY-MM-DD) as a reminder
    is sent before, and waits for a word still."""
    return _due_on(org_id, [_midnight(day) + before for before in attestation.REMINDERS])


def lapsed(org_id: str, day: str) -> Waiting:
    """For the task that tells: what lapsed on a day, and is suspended still."""
    found = _due_on(org_id, [_midnight(day) - attestation.GRACE])
    return Waiting(
        tuple(row for row in found.people if row.suspended_at),
        tuple(row for row in found.keys if row.not_attested),
    )


def _midnight(day: str) -> datetime:
    return clock.parse(f"{day}T00:00:00.000000Z")


def _due_on(org_id: str, moments: list[datetime]) -> Waiting:
    dues = [clock.iso(moment) for moment in moments]
    return Waiting(
        tuple(every(_people(org_id).where(members.c.attest_by.in_(dues)))),
        tuple(every(_keys(org_id).where(gates.c.attest_by.in_(dues)))),
    )


def uncounted() -> list[str]:
    """Organizations and grants that hold somebody, or a key, whom the clock does not count yet."""
    orgs = every(select(members.c.org_id).where(members.c.attest_by == "").distinct())
    grants = every(
        select(gates.c.grant_id).where(gates.c.attest_by == "", gates.c.status != "invalid")
        .distinct()
    )  # fmt: skip
    return [row.org_id for row in orgs] + [row.grant_id for row in grants]


def _people(org_id: str) -> Select[Any]:
    return select(members).where(members.c.org_id == org_id).order_by(members.c.attest_by)


def _keys(org_id: str) -> Select[Any]:
    live = (gates.c.org_id == org_id) & (gates.c.status != "invalid")
    return select(gates).where(live).order_by(gates.c.attest_by)


def _waiting(org_id: str, viewer: str) -> Waiting:
    people = every(_people(org_id).where(members.c.account != viewer, members.c.attest_by != ""))
    keys = every(_keys(org_id).where(gates.c.attest_by != ""))
    later = [r.attest_by for r in [*people, *keys] if not _is_open(r)]
    opens = attestation.opens_at(min(later, default=""))
    return Waiting(_open(people), _open(keys), opens)


def _is_open(row: Row[Any]) -> bool:
    return attestation.is_open(row.attest_by, clock.now())


def _open(rows: Iterable[Row[Any]]) -> tuple[Row[Any], ...]:
    return tuple(row for row in rows if _is_open(row))
