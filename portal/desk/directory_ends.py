"""Where what a directory said outlives what it went by: an address that changes, a closed house."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from portal.boards.organizations import members as belonging
from portal.desk.tables import directory_groups, directory_memberships, directory_people
from portal.ledger.database import writing


def know(address_digest: str, account: str) -> None:
    """Remember whose an entry is that was known by its address alone, before that address is the
    account's no longer: what the directory says of it later still reaches the person."""
    table = directory_people
    belongs = select(belonging.c.org_id).where(belonging.c.account == account)
    with writing() as connection:
        connection.execute(
            update(table)
            .where(
                table.c.address_digest == address_digest,
                table.c.account == "",
                table.c.org_id.in_(belongs),
            )
            .values(account=account)
        )


def forget_organization(org_id: str) -> None:
    """Remove everything that an organization's directory said: the organization was closed."""
    with writing() as connection:
        ids = select(directory_people.c.id).where(directory_people.c.org_id == org_id)
        connection.execute(
            delete(directory_memberships).where(directory_memberships.c.person_id.in_(ids))
        )
        for table in (directory_people, directory_groups):
            connection.execute(delete(table).where(table.c.org_id == org_id))
