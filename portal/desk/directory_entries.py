"""What a directory said, as it said it: its people, its groups, and who is in which.

These are no decisions. What follows from them (an invitation, a removal) is in the ledger, and
`todo` names what has yet to follow: a crash in between leaves it standing, and it is taken up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock, vault
from portal.desk import links
from portal.desk.tables import (
    addresses,
    directory_groups,
    directory_memberships,
    directory_people,
)
from portal.extensions import db
from portal.ledger.database import insert_once, writing

LIST, DELIST, ERASE, SORT = "list", "delist", "erase", "sort"


class NameTaken(Exception):
    """The directory has somebody of this userName already."""


class Moved(Exception):
    """The entry is not, or no longer, what it was when it was read."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the directory. `content` is what it said of them, as SCIM attributes.

    `account` is "" until it is known; `invitation` is the one that was sent, or "".
    """

    id: str
    org_id: str
    content: dict[str, Any]
    active: bool
    account: str
    invitation: str
    todo: str
    created_at: str
    changed_at: str
    version: int


@dataclass(frozen=True, slots=True)
class Group:
    """`content` holds `displayName` and, if it was said, `externalId`."""

    id: str
    org_id: str
    content: dict[str, Any]
    created_at: str
    changed_at: str
    version: int


def _name_digest(org_id: str, name: str) -> str:
    return vault.keyed_digest("directory", json.dumps([org_id, name.strip().casefold()]))


def _contents(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """What is sealed in rows of one organization; nothing once that was erased."""
    if not rows:
        return []
    texts = vault.unseal_all(rows[0].org_id, [(row.sealed, row.id) for row in rows])
    return [json.loads(text) for text in texts or ()]


def _people(rows: Sequence[Row[Any]]) -> list[Person]:
    return [_person(row, content) for row, content in zip(rows, _contents(rows), strict=False)]


def _person(row: Row[Any], content: dict[str, Any]) -> Person:
    return Person(
        row.id, row.org_id, content, bool(row.active), row.account, row.invitation, row.todo,
        row.created_at, row.changed_at, row.version,
    )  # fmt: skip


def _groups(rows: Sequence[Row[Any]]) -> list[Group]:
    return [
        Group(row.id, row.org_id, content, row.created_at, row.changed_at, row.version)
        for row, content in zip(rows, _contents(rows), strict=False)
    ]


def add_person(
    person_id: str, org_id: str, content: dict[str, Any], *, address: str, active: bool
) -> None:
    """Keep somebody new.

    Raises:
        NameTaken: another has the userName, whatever its case.
    """
    now = clock.now_iso()
    said = _said(person_id, org_id, content, address, active)
    try:
        with writing() as connection:
            connection.execute(
                insert(directory_people).values(
                    id=person_id,
                    org_id=org_id,
                    **said,
                    todo=LIST if active else "",
                    created_at=now,
                    changed_at=now,
                    version=1,
                )
            )
    except IntegrityError:
        raise NameTaken from None


def _said(
    person_id: str, org_id: str, content: dict[str, Any], address: str, active: bool
) -> dict[str, Any]:
    return {
        "name_digest": _name_digest(org_id, content["userName"]),
        "address_digest": links.address_digest(address),
        "sealed": vault.seal(org_id, json.dumps(content), person_id),
        "active": int(active),
    }


def change_person(person: Person, content: dict[str, Any], *, address: str, active: bool) -> None:
    """Keep what is said of somebody now, unless it changed since `person` was read.

    Raises:
        NameTaken: another has the userName.
        Moved: it changed, or is gone.
    """
    said = _said(person.id, person.org_id, content, address, active)
    table = directory_people
    try:
        with writing() as connection:
            before = connection.execute(
                select(table.c.address_digest).where(table.c.id == person.id)
            ).scalar()
            todo = person.todo
            if active and (not person.active or before != said["address_digest"]):
                todo = LIST
            elif person.active and not active:
                todo = DELIST
            changed = connection.execute(
                update(table)
                .where(table.c.id == person.id, table.c.version == person.version)
                .where(table.c.todo != ERASE)
                .values(**said, todo=todo, changed_at=clock.now_iso(), version=person.version + 1)
            )
    except IntegrityError:
        raise NameTaken from None
    if changed.rowcount != 1:
        raise Moved


def leave_behind(person: Person) -> None:
    """Nobody finds the entry any more, and its person is to go; the row goes after them."""
    table = directory_people
    with writing() as connection:
        changed = connection.execute(
            update(table)
            .where(table.c.id == person.id, table.c.version == person.version)
            .values(todo=ERASE, active=0, name_digest=person.id, version=person.version + 1)
        )
        connection.execute(
            delete(directory_memberships).where(directory_memberships.c.person_id == person.id)
        )
    if changed.rowcount != 1:
        raise Moved


def found_out(person_id: str, *, account: str | None = None, invitation: str | None = None) -> None:
    """Note whose account it is, or which invitation went out."""
    known = {"account": account, "invitation": invitation}
    values = {k: v for k, v in known.items() if v is not None}
    with writing() as connection:
        connection.execute(
            update(directory_people).where(directory_people.c.id == person_id).values(values)
        )


def done(person: Person) -> None:
    """What was to follow has followed; unless more was said meanwhile."""
    table = directory_people
    which = (table.c.id == person.id, table.c.todo == person.todo,
             table.c.version == person.version)  # fmt: skip
    with writing() as connection:
        if person.todo == ERASE:
            connection.execute(delete(table).where(*which))
        else:
            connection.execute(update(table).where(*which).values(todo=""))


def unsettled(since: str) -> list[Person]:
    """Entries from which something should have followed by `since` (ISO 8601 UTC)."""
    table = directory_people
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.todo != "", table.c.changed_at < since)
        ).all()
    return [found for row in rows for found in _people([row])]


def person(org_id: str, person_id: str) -> Person | None:
    """Somebody in this organization's directory."""
    table = directory_people
    return _one_person(table.c.id == person_id, table.c.org_id == org_id, table.c.todo != ERASE)


def named(org_id: str, name: str) -> Person | None:
    """The one with this userName."""
    return _one_person(directory_people.c.name_digest == _name_digest(org_id, name))


def invited_by(invitation: str) -> Person | None:
    """Whom the directory had invited with this invitation."""
    return _one_person(directory_people.c.invitation == invitation)


def anew(person: Person) -> Person | None:
    """The same entry as it is now, also when it is on its way out."""
    return _one_person(directory_people.c.id == person.id)


def _one_person(*which: Any) -> Person | None:
    with db.engine.connect() as connection:
        rows = connection.execute(select(directory_people).where(*which)).all()
    return next(iter(_people(rows)), None)


def people(org_id: str) -> list[Person]:
    """Everybody in the directory, in the order in which they came."""
    table = directory_people
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.org_id == org_id, table.c.todo != ERASE)
            .order_by(table.c.id)
        ).all()
    return _people(rows)


def size(org_id: str) -> tuple[int, int]:
    """How many people and groups it has."""
    with db.engine.connect() as connection:
        counted = [
            connection.execute(
                select(func.count()).select_from(table).where(table.c.org_id == org_id)
            ).scalar_one()
            for table in (directory_people, directory_groups)
        ]
    return counted[0], counted[1]


def add_group(group_id: str, org_id: str, content: dict[str, Any]) -> None:
    now = clock.now_iso()
    sealed = vault.seal(org_id, json.dumps(content), group_id)
    with writing() as connection:
        connection.execute(
            insert(directory_groups).values(
                id=group_id,
                org_id=org_id,
                sealed=sealed,
                created_at=now,
                changed_at=now,
                version=1,
            )
        )


def change_group(group: Group, content: dict[str, Any]) -> None:
    """Raises Moved when the group changed since it was read, or is gone."""
    table = directory_groups
    sealed = vault.seal(group.org_id, json.dumps(content), group.id)
    with writing() as connection:
        changed = connection.execute(
            update(table)
            .where(table.c.id == group.id, table.c.version == group.version)
            .values(sealed=sealed, changed_at=clock.now_iso(), version=group.version + 1)
        )
    if changed.rowcount != 1:
        raise Moved


def remove_group(group: Group) -> None:
    """Raises Moved when the group changed since it was read, or is gone."""
    table = directory_groups
    with writing() as connection:
        gone = connection.execute(
            delete(table).where(table.c.id == group.id, table.c.version == group.version)
        )
        connection.execute(
            delete(directory_memberships).where(directory_memberships.c.group_id == group.id)
        )
    if gone.rowcount != 1:
        raise Moved


def group(org_id: str, group_id: str) -> Group | None:
    table = directory_groups
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.id == group_id, table.c.org_id == org_id)
        ).all()
    return next(iter(_groups(rows)), None)


def groups(org_id: str) -> list[Group]:
    table = directory_groups
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.org_id == org_id).order_by(table.c.id)
        ).all()
    return _groups(rows)


def set_members(group_id: str, person_ids: Iterable[str]) -> frozenset[str]:
    """Put exactly these people into the group; whoever came or went, marked to be sorted."""
    wanted = frozenset(person_ids)
    table = directory_memberships
    with writing() as connection:
        present = frozenset(
            connection.execute(
                select(table.c.person_id).where(table.c.group_id == group_id)
            ).scalars()
        )
        for person_id in wanted - present:
            insert_once(
                connection, table, ("group_id", "person_id"),
                group_id=group_id, person_id=person_id,
            )  # fmt: skip
        gone = present - wanted
        connection.execute(
            delete(table).where(table.c.group_id == group_id, table.c.person_id.in_(gone))
        )
        moved = gone | (wanted - present)
        connection.execute(
            update(directory_people)
            .where(directory_people.c.id.in_(moved), directory_people.c.todo == "")
            .values(todo=SORT)
        )
    return moved


def members(group_ids: Iterable[str]) -> dict[str, list[str]]:
    """Group id -> the people in it."""
    return _sides(directory_memberships.c.group_id, directory_memberships.c.person_id, group_ids)


def groups_of(person_ids: Iterable[str]) -> dict[str, list[str]]:
    """Person id -> the groups that they are in."""
    return _sides(directory_memberships.c.person_id, directory_memberships.c.group_id, person_ids)


def _sides(key: Any, value: Any, ids: Iterable[str]) -> dict[str, list[str]]:
    wanted = list(ids)
    found: dict[str, list[str]] = {one: [] for one in wanted}
    with db.engine.connect() as connection:
        for first in range(0, len(wanted), 500):
            some = wanted[first : first + 500]
            rows = connection.execute(
                select(key.label("k"), value.label("v")).where(key.in_(some)).order_by(value)
            )
            for row in rows:
                found[row.k].append(row.v)
    return found


def forget(account: str) -> None:
    """Remove what a directory said of somebody: the person was erased. Their addresses are
    looked up, so this comes before those go."""
    table = directory_people
    with writing() as connection:
        theirs = select(addresses.c.digest).where(addresses.c.account == account)
        ids = list(
            connection.execute(
                select(table.c.id).where(
                    (table.c.account == account) | table.c.address_digest.in_(theirs)
                )
            ).scalars()
        )
        connection.execute(delete(table).where(table.c.id.in_(ids)))
        connection.execute(
            delete(directory_memberships).where(directory_memberships.c.person_id.in_(ids))
        )


def about(account: str) -> list[dict[str, Any]]:
    """What directories say of somebody, for their own copy."""
    table = directory_people
    with db.engine.connect() as connection:
        theirs = select(addresses.c.digest).where(addresses.c.account == account)
        rows = connection.execute(
            select(table).where((table.c.account == account) | table.c.address_digest.in_(theirs))
        ).all()
    found = [one for row in rows for one in _people([row])]
    return [{"organization": p.org_id, "says": p.content, "active": p.active} for p in found]
