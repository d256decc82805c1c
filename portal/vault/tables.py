"""The vault's rows: wrapped data keys, one a subject, and what they encrypt."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String

from portal.extensions import db

keys = db.Table(
    "vault_keys",
    Column("subject", String(80), primary_key=True),
    Column("wrapped", LargeBinary, nullable=True),
    Column("created_at", String(27), nullable=False),
    Column("destroyed_at", String(27), nullable=False, default=""),
)

items = db.Table(
    "vault_items",
    Column("id", String(40), primary_key=True),
    Column("subject", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=True),
    Column("in_file", Integer, nullable=False, default=0),
    Column("size", Integer, nullable=False),
    Column("kept", Integer, nullable=False, default=0),
    Column("created_at", String(27), nullable=False),
)
Index("ix_vault_items_subject", items.c.subject)
