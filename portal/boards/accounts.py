"""People: their roles and passkeys. Names and addresses are references into the vault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Text,
    delete,
    insert,
    select,
    update,
)  # fmt: skip

from portal import clock, vault
from portal.boards.rows import every, one
from portal.extensions import db
from portal.ledger.codec import Envelope
from portal.ledger.projection import board, projects
from workflows.account import events as e
from workflows.actors import Actor
from workflows.visibility import READ_ROLES

accounts = db.Table(
    "accounts",
    Column("id", String(40), primary_key=True),
    Column("name_ref", String(40), nullable=False),
    Column("address_ref", String(40), nullable=False),
    Column("phase", String(12), nullable=False),
    Column("opened_at", String(27), nullable=False),
    # Names the desk's secret that signs in with a code; "" without a password.
    Column("password", String(40), nullable=False, default="", server_default=""),
    # Names the desk's row of the address that counts; "" for the one it was opened with.
    Column("address_change", String(40), nullable=False, default="", server_default=""),
    # Mailed links sign nobody in: a change of address was undone.
    Column("links_held", Integer, nullable=False, default=0, server_default="0"),
    # When the person is forgotten, as they asked; "" for never.
    Column("erasure_due", String(27), nullable=False, default="", server_default=""),
)
# Names of recovery codes that were not used yet.
recovery_codes = db.Table(
    "recovery_codes",
    Column("code", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
)
Index("ix_recovery_codes_account", recovery_codes.c.account)
account_roles = db.Table(
    "account_roles",
    Column("account", String(40), primary_key=True),
    Column("role", String(32), primary_key=True),
)
role_proposals = db.Table(
    "role_proposals",
    Column("account", String(40), primary_key=True),
    Column("role", String(32), primary_key=True),
    Column("proposed_by", String(80), nullable=False),
    Column("proposed_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
)
passkeys = db.Table(
    "passkeys",
    Column("passkey", String(700), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("label_ref", String(40), nullable=False),
    Column("backup_eligible", Integer, nullable=False),
    Column("added_at", String(27), nullable=False),
)
Index("ix_passkeys_account", passkeys.c.account)
board(accounts, account_roles, role_proposals, passkeys, recovery_codes)


@projects(e.Opened)
def _opened(connection: Connection, envelope: Envelope) -> None:
    event: e.Opened = envelope.event
    connection.execute(
        insert(accounts).values(
            id=envelope.stream,
            name_ref=event.name.id,
            address_ref=event.address.id,
            phase="open",
            opened_at=envelope.at,
        )
    )


@projects(e.PasskeyAdded)
def _passkey(connection: Connection, envelope: Envelope) -> None:
    event: e.PasskeyAdded = envelope.event
    connection.execute(
        insert(passkeys).values(
            passkey=event.passkey,
            account=envelope.stream,
            public_key=event.public_key,
            label_ref=event.label.id,
            backup_eligible=int(event.backup_eligible),
            added_at=envelope.at,
        )
    )


@projects(e.PasskeyRenamed)
def _passkey_renamed(connection: Connection, envelope: Envelope) -> None:
    event: e.PasskeyRenamed = envelope.event
    connection.execute(
        update(passkeys).where(passkeys.c.passkey == event.passkey).values(label_ref=event.label.id)
    )


@projects(e.PasskeyRemoved)
def _passkey_removed(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(passkeys).where(passkeys.c.passkey == envelope.event.passkey))


@projects(e.RecoveryCompleted)
def _recovered(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(passkeys).where(passkeys.c.account == envelope.stream))
    _set(connection, envelope.stream, links_held=0)


def _set(connection: Connection, account: str, **values: Any) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account).values(values))


@projects(e.AddressChanged)
def _address(connection: Connection, envelope: Envelope) -> None:
    event: e.AddressChanged = envelope.event
    _set(connection, envelope.stream, address_ref=event.address.id, address_change=event.change,
         links_held=0)  # fmt: skip


@projects(e.AddressChangeUndone)
def _address_back(connection: Connection, envelope: Envelope) -> None:
    event: e.AddressChangeUndone = envelope.event
    _set(connection, envelope.stream, address_ref=event.address.id,
         address_change=event.former_change, links_held=1)  # fmt: skip


@projects(e.MailedLinksAllowed)
def _links_allowed(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, links_held=0)


@projects(e.ErasureAsked)
def _erasure(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, erasure_due=envelope.event.due)


@projects(e.ErasureTakenBack, e.ErasureStopped)
def _no_erasure(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, erasure_due="")


@projects(e.PasswordSet)
def _password(connection: Connection, envelope: Envelope) -> None:
    _password_is(connection, envelope.stream, envelope.event.secret)


@projects(e.PasswordRemoved)
def _no_password(connection: Connection, envelope: Envelope) -> None:
    _password_is(connection, envelope.stream, "")
    _no_codes(connection, envelope.stream)


def _password_is(connection: Connection, account: str, secret: str) -> None:
    _set(connection, account, password=secret)


def _no_codes(connection: Connection, account: str) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account))


@projects(e.RecoveryCodesMade)
def _codes(connection: Connection, envelope: Envelope) -> None:
    _no_codes(connection, envelope.stream)
    rows = [{"code": code, "account": envelope.stream} for code in envelope.event.codes]
    connection.execute(insert(recovery_codes), rows)


@projects(e.RecoveryCodeUsed)
def _code_used(connection: Connection, envelope: Envelope) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.code == envelope.event.code))


@projects(e.RoleProposed)
def _proposed(connection: Connection, envelope: Envelope) -> None:
    event: e.RoleProposed = envelope.event
    _no_proposal(connection, envelope.stream, event.role)  # one that expired may be made again
    connection.execute(
        insert(role_proposals).values(
            account=envelope.stream,
            role=event.role,
            proposed_by=event.proposed_by,
            proposed_at=envelope.at,
            expires_at=event.expires_at,
        )
    )


@projects(e.RoleProposalWithdrawn)
def _not_proposed(connection: Connection, envelope: Envelope) -> None:
    _no_proposal(connection, envelope.stream, envelope.event.role)


def _no_proposal(connection: Connection, account: str, role: str) -> None:
    connection.execute(
        delete(role_proposals).where(
            role_proposals.c.account == account, role_proposals.c.role == role
        )
    )


@projects(e.RoleAppointed)
def _appointed(connection: Connection, envelope: Envelope) -> None:
    _no_proposal(connection, envelope.stream, envelope.event.role)
    connection.execute(
        insert(account_roles).values(account=envelope.stream, role=envelope.event.role)
    )


@projects(e.RoleEnded)
def _ended(connection: Connection, envelope: Envelope) -> None:
    connection.execute(
        delete(account_roles).where(
            account_roles.c.account == envelope.stream,
            account_roles.c.role == envelope.event.role,
        )
    )


@projects(e.Erased)
def _erased(connection: Connection, envelope: Envelope) -> None:
    _set(connection, envelope.stream, phase="erased", password="", erasure_due="", links_held=0)
    for table in (account_roles, role_proposals, passkeys, recovery_codes):
        connection.execute(delete(table).where(table.c.account == envelope.stream))


def get(account_id: str) -> Row[Any] | None:
    return one(select(accounts).where(accounts.c.id == account_id, accounts.c.phase == "open"))


def roles(account_id: str) -> frozenset[str]:
    rows = every(select(account_roles.c.role).where(account_roles.c.account == account_id))
    return frozenset(row.role for row in rows)


def staff(viewer: Actor) -> list[Row[Any]]:
    """(account, role) of everybody with a staff role, for who looks after roles."""
    return staff_for_robot() if viewer.roles & READ_ROLES else []


def staff_for_robot() -> list[Row[Any]]:
    """The same for the task that mails them; no viewer, no page."""
    return every(select(account_roles).order_by(account_roles.c.account, account_roles.c.role))


def proposals(viewer: Actor) -> list[Row[Any]]:
    """Staff roles that wait for a second person, oldest first, for who looks after roles."""
    if not viewer.roles & READ_ROLES:
        return []
    return every(
        select(role_proposals)
        .where(role_proposals.c.expires_at > clock.now_iso())
        .order_by(role_proposals.c.proposed_at)
    )


def passkeys_of(account_id: str) -> list[Row[Any]]:
    return every(
        select(passkeys).where(passkeys.c.account == account_id).order_by(passkeys.c.added_at)
    )


def staff_with_synced_passkeys(roles: Iterable[str]) -> list[str]:
    """Accounts with one of these roles and a passkey that may be copied beyond one device."""
    query = (
        select(account_roles.c.account)
        .join(passkeys, passkeys.c.account == account_roles.c.account)
        .where(account_roles.c.role.in_(list(roles)), passkeys.c.backup_eligible == 1)
        .distinct()
    )
    return [row.account for row in every(query)]


def passkey(passkey_id: str) -> Row[Any] | None:
    return one(select(passkeys).where(passkeys.c.passkey == passkey_id))


def recovery_codes_left(account_id: str) -> int:
    return len(every(select(recovery_codes.c.code).where(recovery_codes.c.account == account_id)))


def names(account_ids: Iterable[str]) -> dict[str, str]:
    """Display names by account id; robots, operators and the erased get words of their own."""
    wanted = set(account_ids)
    rows = every(select(accounts.c.id, accounts.c.name_ref).where(accounts.c.id.in_(wanted)))
    texts = vault.texts(row.name_ref for row in rows)
    found = {row.id: texts.get(row.name_ref, "Someone who was erased") for row in rows}
    return {i: found.get(i) or actor_words(i) for i in wanted}


def actor_words(actor_id: str) -> str:
    kind, _, name = actor_id.partition(":")
    return {"robot": f"The portal ({name})", "operator": f"An operator ({name})"}.get(
        kind, "Someone"
    )


def address(account_id: str) -> str | None:
    """The person's e-mail address; None once they were erased."""
    row = get(account_id)
    content = vault.read(row.address_ref) if row else None
    return content.decode() if content else None
