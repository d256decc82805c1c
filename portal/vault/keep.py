"""Putting in, taking out, erasing.

An item is put before the event that speaks of it, and marked as kept when that event commits;
what no event ever spoke of is an orphan and is swept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from portal import clock, ids
from portal.extensions import db
from portal.installation import installation
from portal.ledger.database import insert_once, writing
from portal.vault import envelope
from portal.vault.tables import items, keys
from workflows.vaulted import Vaulted

SALT_BYTES = 16
FILE_FROM_BYTES = 32 * 1024


class Erased(Exception):
    """The subject's key was destroyed; nothing of theirs can be added or read."""


def _wrapping_key() -> bytes:
    return installation().wrapping_key


def _files() -> Path:
    return installation().settings.data_dir / "vault"


def _data_key(connection: Connection, subject: str, *, make: bool) -> bytes | None:
    row = connection.execute(select(keys).where(keys.c.subject == subject)).one_or_none()
    if row is None and make:
        fresh = secrets.token_bytes(envelope.KEY_BYTES)
        wrapped = envelope.encrypt(_wrapping_key(), fresh, subject)
        made = {"wrapped": wrapped, "created_at": clock.now_iso(), "destroyed_at": ""}
        if insert_once(connection, keys, "subject", subject=subject, **made):
            return fresh
        row = connection.execute(select(keys).where(keys.c.subject == subject)).one()
    if row is None or row.wrapped is None:
        return None
    return envelope.decrypt(_wrapping_key(), row.wrapped, subject)


def _require_key(connection: Connection, subject: str) -> bytes:
    key = _data_key(connection, subject, make=True)
    if key is None:
        raise Erased(subject)
    return key


def put(subject: str, content: str | bytes) -> Vaulted:
    """Encrypt under the subject's key (a person's or an organization's id).

    Returns:
        The reference that goes into an event: the item's id and a salted digest.

    Raises:
        Erased: the subject was erased.
    """
    raw = content.encode() if isinstance(content, str) else content
    salt = secrets.token_bytes(SALT_BYTES)
    item_id = ids.new("vlt")
    with writing() as connection:
        sealed = envelope.encrypt(_require_key(connection, subject), salt + raw, item_id)
        in_file = len(raw) >= FILE_FROM_BYTES
        if in_file:
            _write_file(item_id, sealed)
        connection.execute(
            insert(items).values(
                id=item_id,
                subject=subject,
                sealed=None if in_file else sealed,
                in_file=int(in_file),
                size=len(raw),
                kept=0,
                created_at=clock.now_iso(),
            )
        )
    return Vaulted(item_id, hashlib.sha256(salt + raw).hexdigest())


def _write_file(item_id: str, sealed: bytes) -> None:
    path = _path(item_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _path(item_id: str) -> Path:
    return _files() / item_id[-2:] / item_id


def read(item_id: str) -> bytes | None:
    """The content; None once it was erased, or when there is no such item."""
    return read_many([item_id]).get(item_id)


def text(item_id: str, otherwise: str = "[erased]") -> str:
    """The content as text, `otherwise` once it was erased."""
    content = read(item_id)
    return otherwise if content is None else content.decode()


def read_many(item_ids: Iterable[str]) -> dict[str, bytes]:
    """Contents by id, in two queries however many; erased and unknown ids are absent."""
    wanted = list(set(item_ids))
    if not wanted:
        return {}
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(items, keys.c.wrapped)
            .join(keys, keys.c.subject == items.c.subject)
            .where(items.c.id.in_(wanted), keys.c.wrapped.is_not(None))
        ).all()
    opened: dict[str, bytes] = {}
    data_keys: dict[str, bytes] = {}
    for row in rows:
        if row.subject not in data_keys:
            data_keys[row.subject] = envelope.decrypt(_wrapping_key(), row.wrapped, row.subject)
        sealed = _path(row.id).read_bytes() if row.in_file else row.sealed
        opened[row.id] = envelope.decrypt(data_keys[row.subject], sealed, row.id)[SALT_BYTES:]
    return opened


def texts(item_ids: Iterable[str]) -> dict[str, str]:
    return {k: v.decode() for k, v in read_many(item_ids).items()}


def holds(ref: Vaulted) -> bool:
    """Whether the item is there and is what the ledger's digest says."""
    with db.engine.connect() as connection:
        row = connection.execute(select(items).where(items.c.id == ref.id)).one_or_none()
        if row is None:
            return False
        key = _data_key(connection, row.subject, make=False)
    if key is None:
        return False
    sealed = _path(row.id).read_bytes() if row.in_file else row.sealed
    return hashlib.sha256(envelope.decrypt(key, sealed, row.id)).hexdigest() == ref.digest


def mark(connection: Connection, item_ids: list[str]) -> None:
    """Keep these items: an event that is being written speaks of them."""
    if item_ids:
        connection.execute(update(items).where(items.c.id.in_(item_ids)).values(kept=1))


def erase(subject: str) -> None:
    """Destroy the subject's key, then what it encrypted. The ledger's digests stay as they are,
    and no longer say anything: their salt is gone."""
    with writing() as connection:
        _require_row = select(keys.c.subject).where(keys.c.subject == subject)
        if connection.execute(_require_row).scalar() is None:
            _data_key(connection, subject, make=True)
        connection.execute(
            update(keys)
            .where(keys.c.subject == subject)
            .values(wrapped=None, destroyed_at=clock.now_iso())
        )
        files = connection.execute(
            select(items.c.id).where(items.c.subject == subject, items.c.in_file == 1)
        ).all()
        connection.execute(delete(items).where(items.c.subject == subject))
    for row in files:
        _path(row.id).unlink(missing_ok=True)


def drop(item_ids: list[str]) -> None:
    """Remove small items whose subject stays, such as a former address: with an item goes its
    salt, so that the ledger's digest of it can neither be checked nor guessed any more."""
    with writing() as connection:
        connection.execute(delete(items).where(items.c.id.in_(item_ids), items.c.in_file == 0))


def discard(subjects: list[str]) -> None:
    """Remove keys and small items of subjects whose ids never come again, without a trace: a
    one-time link's. Nobody was erased, so nothing has to remember that they were."""
    with writing() as connection:
        connection.execute(delete(items).where(items.c.subject.in_(subjects)))
        connection.execute(delete(keys).where(keys.c.subject.in_(subjects)))


def sweep(*, older_than_hours: int = 24, spare: Iterable[str] = ()) -> int:
    """Remove items that no event and none of `spare` (drafts' files) speaks of; how many."""
    before = clock.iso_in(hours=-older_than_hours)
    with writing() as connection:
        orphans = connection.execute(
            select(items.c.id, items.c.in_file).where(
                items.c.kept == 0, items.c.created_at < before, items.c.id.not_in(list(spare))
            )
        ).all()
        connection.execute(delete(items).where(items.c.id.in_([o.id for o in orphans])))
    for orphan in orphans:
        if orphan.in_file:
            _path(orphan.id).unlink(missing_ok=True)
    return len(orphans)


def seal(subject: str, content: str, bound_to: str) -> bytes:
    """Ciphertext for a column of a plain table (a draft), under the subject's key."""
    with writing() as connection:
        return envelope.encrypt(_require_key(connection, subject), content.encode(), bound_to)


def unseal(subject: str, sealed: bytes, bound_to: str) -> str | None:
    """What `seal` closed; None once the subject was erased."""
    with db.engine.connect() as connection:
        key = _data_key(connection, subject, make=False)
    return None if key is None else envelope.decrypt(key, sealed, bound_to).decode()


def unseal_all(subject: str, sealed: Iterable[tuple[bytes, str]]) -> list[str] | None:
    """What `seal` closed for one subject, each with what it was bound to; None as of `unseal`."""
    with db.engine.connect() as connection:
        key = _data_key(connection, subject, make=False)
    if key is None:
        return None
    return [envelope.decrypt(key, one, bound_to).decode() for one, bound_to in sealed]


def keyed_digest(purpose: str, value: str) -> str:
    """Hex HMAC-SHA-256 for looking something personal up without storing it (an address)."""
    return hmac.new(
        envelope.derive(_wrapping_key(), purpose), value.encode(), hashlib.sha256
    ).hexdigest()
