"""To whom an invitation went, as the keyed digest of the address.

The ledger knows an invitation by its id and the vault its address; this says which signed-in
person may answer it. Only somebody who proved the address is bound to it (`desk.links`).
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from portal import vault
from portal.desk import addresses as book
from portal.desk import links
from portal.desk.tables import addresses, invitees
from portal.extensions import db
from portal.ledger.database import writing


def note(invitation: str, address: str) -> None:
    """Remember the address of an invitation that is about to be recorded."""
    with writing() as connection:
        connection.execute(
            insert(invitees).values(invitation=invitation, digest=links.address_digest(address))
        )


def forget(invitation: str) -> None:
    """It was answered or withdrawn."""
    with writing() as connection:
        connection.execute(delete(invitees).where(invitees.c.invitation == invitation))


def forget_person(account: str) -> None:
    """The person was erased: what still waits for them is for nobody. Addresses are looked up, so
    this comes before those go."""
    theirs = select(addresses.c.digest).where(addresses.c.account == account)
    with db.engine.connect() as connection:
        gone = list(
            connection.execute(
                select(invitees.c.invitation).where(invitees.c.digest.in_(theirs))
            ).scalars()
        )
    with writing() as connection:
        connection.execute(delete(invitees).where(invitees.c.invitation.in_(gone)))
    vault.discard(gone)


def to(address: str) -> list[str]:
    """Ids of invitations that went to this address and wait for an answer."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(invitees.c.invitation).where(invitees.c.digest == links.address_digest(address))
        ).all()
    return [row.invitation for row in rows]


def of(account: str) -> list[str]:
    """Ids of invitations that went to this account's present address."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(invitees.c.invitation).where(
                invitees.c.digest.in_(
                    book.counting(addresses.c.digest).where(addresses.c.account == account)
                )
            )
        ).all()
    return [row.invitation for row in rows]
