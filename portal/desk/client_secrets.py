"""What the portal proves itself with at an organization's provider: sealed, never shown again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, insert, select

from portal import vault
from portal.desk.tables import client_secrets
from portal.extensions import db
from portal.ledger.database import writing


def keep(org_id: str, authentication: str, secret: str, public: str = "") -> None:
    """Keep one; an earlier one of the same kind is gone. `public` is its half to be published."""
    sealed = vault.seal(org_id, secret, f"{org_id}:{authentication}")
    forget(org_id, authentication)
    with writing() as connection:
        connection.execute(
            insert(client_secrets).values(
                org_id=org_id, authentication=authentication, sealed=sealed, public=public
            )
        )


def secret(org_id: str, authentication: str) -> str | None:
    """The secret or private key; None when there is none, or the organization was erased."""
    with db.engine.connect() as connection:
        sealed = connection.execute(
            select(client_secrets.c.sealed).where(*_of(org_id, authentication))
        ).scalar()
    return sealed and vault.unseal(org_id, sealed, f"{org_id}:{authentication}")


def public(org_id: str, authentication: str) -> str:
    """The half that is published; "" when there is none."""
    with db.engine.connect() as connection:
        found = connection.execute(
            select(client_secrets.c.public).where(*_of(org_id, authentication))
        ).scalar()
    return found or ""


def forget(org_id: str, *authentications: str) -> None:
    with writing() as connection:
        for authentication in authentications:
            connection.execute(delete(client_secrets).where(*_of(org_id, authentication)))


def _of(org_id: str, authentication: str) -> tuple[ColumnElement[bool], ...]:
    table = client_secrets.c
    return (table.org_id == org_id, table.authentication == authentication)
