"""To whom an invitation went, as the keyed digest of the address.

The ledger knows an invitation by its id and the vault its address; this says which signed-in
person may answer it. Only somebody who proved the address is bound to it (`desk.links`).
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select

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


def to(address: str) -> list[str]:
    """Ids of invitations that went to this address and wait for an answer."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(invitees.c.invitation).where(invitees.c.digest == links.address_digest(address))
        ).all()
    return [row.invitation for row in rows]


def of(account: str) -> list[str]:
    """Ids of invitations that went to an address of this account."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(invitees.c.invitation)
            .join(addresses, addresses.c.digest == invitees.c.digest)
            .where(addresses.c.account == account)
        ).all()
    return [row.invitation for row in rows]
