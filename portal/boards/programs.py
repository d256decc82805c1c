"""Programs and their versions, parsed."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, String, Text, insert, select, update

from portal.boards.rows import every
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows import program as document
from workflows.errors import NotFound
from workflows.policy.events import VersionActivated
from workflows.program import Program

program_versions = db.Table(
    "program_versions",
    Column("program", String(48), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("active", Integer, nullable=False),
    Column("documents", Text, nullable=False),
    Column("activated_at", String(27), nullable=False),
)
Index("ix_program_versions_version", program_versions.c.version)
board(program_versions)


@projects(VersionActivated)
def _activated(connection: Connection, envelope: Envelope) -> None:
    event: VersionActivated = envelope.event
    connection.execute(
        update(program_versions).where(program_versions.c.program == event.program).values(active=0)
    )
    connection.execute(
        insert(program_versions).values(
            program=event.program,
            version=event.version,
            seq=envelope.seq,
            active=1,
            documents=json.dumps(event.documents, sort_keys=True),
            activated_at=envelope.at,
        )
    )


@lru_cache(maxsize=64)
def _parsed(version: str, documents: str) -> Program:
    tables = {name: tomllib.loads(text) for name, text in json.loads(documents).items()}
    return document.parse(tables, version)


def _program(row: Any) -> Program:
    return _parsed(row.version, row.documents)


def pinned(connection: Connection, version: str) -> Program:
    """The program of a version, active or not; LookupError when it was never activated."""
    row = connection.execute(
        select(program_versions.c.version, program_versions.c.documents)
        .where(program_versions.c.version == version)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise LookupError(f"no program version {version} was ever activated")
    return _program(row)


def by_version(version: str) -> Program:
    """As `pinned`, for pages."""
    return pinned(db.session.connection(), version)


def active() -> list[Program]:
    """The active version of every program, by name."""
    rows = every(
        select(program_versions.c.version, program_versions.c.documents)
        .where(program_versions.c.active == 1)
        .order_by(program_versions.c.program)
    )
    return [_program(row) for row in rows]


def named(name: str) -> Program:
    """The active version of a program; NotFound when there is none of that name."""
    for program in active():
        if program.name == name:
            return program
    raise NotFound("there is no such program", remedy="the front page lists the programs")
