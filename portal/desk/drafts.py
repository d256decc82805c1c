"""Drafts of applications: encrypted under the organization's key, saved as one types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, tuple_, update

from portal import clock, ids, vault
from portal.desk.tables import draft_files, drafts
from portal.extensions import db
from portal.ledger.database import writing
from workflows.actors import Actor
from workflows.application.events import EvidenceFile
from workflows.errors import Conflict, NotFound
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Draft:
    """An application before it is submitted; its id becomes the application's.

    Attributes:
        answers: question id -> answer; also `tier`, `scopes`, `terms`, `declared`.
        files: question id -> the file in the vault.
        revision: rises with every save.
    """

    id: str
    org_id: str
    program: str
    answers: Mapping[str, Any]
    files: Mapping[str, Vaulted]
    revision: int
    changed_by: str
    changed_at: str

    @property
    def evidence(self) -> tuple[EvidenceFile, ...]:
        return tuple(EvidenceFile(q, f) for q, f in sorted(self.files.items()))


def start(org_id: str, program: str, actor: Actor) -> str:
    """A new draft's id."""
    draft_id = ids.new("app")
    sealed = vault.seal(org_id, "{}", draft_id)
    with writing() as connection:
        connection.execute(
            insert(drafts).values(
                id=draft_id,
                org_id=org_id,
                program=program,
                sealed=sealed,
                revision=0,
                changed_by=actor.id,
                changed_at=clock.now_iso(),
            )
        )
    return draft_id


def _open(row: Row[Any]) -> Draft:
    with db.engine.connect() as connection:
        found = connection.execute(select(draft_files).where(draft_files.c.draft == row.id)).all()
    content = vault.unseal(row.org_id, row.sealed, row.id)
    return Draft(
        id=row.id,
        org_id=row.org_id,
        program=row.program,
        answers=json.loads(content) if content else {},
        files={f.question: Vaulted(f.file_ref, f.digest) for f in found},
        revision=row.revision,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def get(draft_id: str, viewer: Actor) -> Draft:
    """NotFound when it is none of the viewer's, or was submitted."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(drafts).where(drafts.c.id == draft_id, drafts.c.submitted_at == "")
        ).one_or_none()
    if row is None or not viewer.applied(row.org_id, row.id):
        raise NotFound("there is no such draft")
    return _open(row)


def of_organizations(viewer: Actor) -> list[Draft]:
    """Drafts of the viewer's organizations, and those in workspaces that show them to a guest."""
    shown = tuple_(drafts.c.id, drafts.c.org_id).in_(list(viewer.shown.items()))
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(drafts)
            .where(drafts.c.org_id.in_(list(viewer.memberships)) | shown)
            .where(drafts.c.submitted_at == "")
            .order_by(drafts.c.changed_at.desc())
        ).all()
    return [_open(row) for row in rows]


def changed_by(account: str) -> list[dict[str, str]]:
    """id, org_id, program and changed_at of drafts that this person saved last."""
    columns = (drafts.c.id, drafts.c.org_id, drafts.c.program, drafts.c.changed_at)
    with db.engine.connect() as connection:
        rows = connection.execute(select(*columns).where(drafts.c.changed_by == account)).all()
    return [dict(row._mapping) for row in rows]


def save(draft: Draft, changes: Mapping[str, Any], actor: Actor) -> None:
    """Merge answers into the draft; two people who save different answers both keep theirs.

    Raises:
        Conflict: somebody saved so often in between that three attempts were lost.
    """
    for _ in range(3):
        merged = {**draft.answers, **changes}
        sealed = vault.seal(draft.org_id, json.dumps(merged), draft.id)
        with writing() as connection:
            saved = connection.execute(
                update(drafts)
                .where(drafts.c.id == draft.id, drafts.c.revision == draft.revision)
                .values(
                    sealed=sealed,
                    revision=draft.revision + 1,
                    changed_by=actor.id,
                    changed_at=clock.now_iso(),
                )
            )
        if saved.rowcount:
            return
        draft = get(draft.id, actor)
    raise Conflict("a colleague is saving the same application", remedy="save once more")


def attach(draft: Draft, question: str, file: Vaulted) -> None:
    with writing() as connection:
        connection.execute(
            delete(draft_files).where(
                draft_files.c.draft == draft.id, draft_files.c.question == question
            )
        )
        connection.execute(
            insert(draft_files).values(
                draft=draft.id, question=question, file_ref=file.id, digest=file.digest
            )
        )


def detach(draft: Draft, question: str) -> None:
    with writing() as connection:
        connection.execute(
            delete(draft_files).where(
                draft_files.c.draft == draft.id, draft_files.c.question == question
            )
        )


def submitted(draft_id: str) -> None:
    """The draft has become an application; it is kept from the list of drafts."""
    with writing() as connection:
        connection.execute(
            update(drafts).where(drafts.c.id == draft_id).values(submitted_at=clock.now_iso())
        )


def forget(org_id: str) -> None:
    """Delete what an organization was writing; its files are swept from the vault."""
    theirs = select(drafts.c.id).where(drafts.c.org_id == org_id, drafts.c.submitted_at == "")
    with writing() as connection:
        connection.execute(delete(draft_files).where(draft_files.c.draft.in_(theirs)))
        connection.execute(
            delete(drafts).where(drafts.c.org_id == org_id, drafts.c.submitted_at == "")
        )


def files_in_use() -> list[str]:
    """Ids of the files that drafts hold, to be spared by the vault's sweep."""
    with db.engine.connect() as connection:
        return list(connection.execute(select(draft_files.c.file_ref)).scalars())
