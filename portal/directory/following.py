"""What follows from what a directory says: invitations, removals, roles and rooms.

The entry says what is to follow (`todo`) before anything does, and each step may be done again:
whatever interrupts it, the next request or the hourly round finishes it.
"""

from __future__ import annotations

from portal import clock, ids, spelling, vault
from portal.boards import invitations, organizations
from portal.desk import directory_entries, invitees, links, sessions
from portal.desk.directory_entries import DELIST, ERASE, LIST, Person
from portal.ledger import perform
from workflows.actors import directory
from workflows.errors import Conflict, Refused
from workflows.organization.commands.delist_person import DelistPerson
from workflows.organization.commands.list_person import ListPerson
from workflows.organization.commands.sort_person import SortPerson

INVITATION_DAYS = 14  # a directory lists people before their first day
_TRIES = 5


def address_of(content: dict[str, object]) -> str:
    """Where the person gets mail: the primary address, else the first, else the userName."""
    emails = [e for e in content.get("emails") or [] if isinstance(e, dict) and e.get("value")]  # type: ignore[attr-defined]
    emails.sort(key=lambda e: not e.get("primary"))
    said = str(emails[0]["value"] if emails else content["userName"]).strip()
    return spelling.deliverable(said) if spelling.is_address(said) else said


def follow(person: Person) -> None:
    """Do what is to follow from an entry.

    Raises:
        Refused: it cannot be; the entry stands as the directory said it.
    """
    if person.todo in (DELIST, ERASE):
        _delist(person)
    elif person.todo:
        if person.todo == LIST:
            _list(person)
        _sort(person)
    directory_entries.done(person)


def check_may_go(person: Person) -> None:
    """An owner cannot be removed: that the directory says so is on record, and people are told.

    Raises:
        Conflict: the person owns the organization.
    """
    for account in _accounts(person):
        if organizations.belongs(account).get(person.org_id) == "owner":
            perform(DelistPerson(person.org_id, account, ""), directory(person.org_id))
            sessions.end_all(account)
            raise Conflict(
                "this person owns the organization in the portal",
                code="owner_stays",
                remedy="transfer the ownership there first; its admins were told",
            )


def account_of(person: Person) -> str:
    """The account of somebody who belongs to the organization; "" for anybody else."""
    return next((a for a in _accounts(person) if _belongs(a, person.org_id)), "")


def _belongs(account: str, org_id: str) -> bool:
    return org_id in organizations.belongs(account)


def _accounts(person: Person) -> list[str]:
    """Whose account it may be: the one that is known, or has the address."""
    known = [person.account, invitations.accepted_by(person.invitation)]
    found = [account for account in known if account]
    return list(dict.fromkeys(found or [links.account_of(address_of(person.content)) or ""]))


def _list(person: Person) -> None:
    account = account_of(person)
    if account:
        directory_entries.found_out(person.id, account=account)
        return
    address, actor = address_of(person.content), directory(person.org_id)
    waiting = {row.id for row in invitations.of_organization(person.org_id, actor)}
    to_them = waiting & set(invitees.to(address))
    if person.invitation in waiting - to_them:  # it went to an address that is no longer theirs
        perform(DelistPerson(person.org_id, "", person.invitation), actor)
        invitees.forget(person.invitation)
    if to_them:
        directory_entries.found_out(person.id, invitation=max(to_them))
        return
    invitation = ids.new("inv")
    invitees.note(invitation, address)
    directory_entries.found_out(person.id, account="", invitation=invitation)
    groups = directory_entries.groups_of([person.id])[person.id]
    try:
        perform(
            ListPerson(
                person.org_id,
                account="",
                invitation=invitation,
                address=vault.put(invitation, address),
                domain=spelling.domain_of(address),
                groups=tuple(groups),
                expires_at=clock.iso_in(days=INVITATION_DAYS),
            ),
            actor,
        )
    except Refused:
        invitees.forget(invitation)
        directory_entries.found_out(person.id, invitation="")
        directory_entries.done(person)
        raise


def _delist(person: Person) -> None:
    """Out, whoever they are by now: an invitation may be accepted while this looks."""
    for _ in range(_TRIES):
        accounts = _accounts(person)
        for account in accounts:
            belonged = _belongs(account, person.org_id)  # others' sign-ins are none of its business
            perform(
                DelistPerson(person.org_id, account, person.invitation), directory(person.org_id)
            )
            if belonged:
                sessions.end_all(account)
        if _accounts(person) == accounts:
            break
    if person.invitation:
        invitees.forget(person.invitation)


def _sort(person: Person) -> None:
    now = directory_entries.anew(person)
    account = account_of(now) if now else ""
    if account:
        groups = directory_entries.groups_of([person.id])[person.id]
        perform(SortPerson(person.org_id, account, tuple(groups)), directory(person.org_id))


def sort_everybody(org_id: str) -> None:
    """After a change of what groups give."""
    for person in directory_entries.people(org_id):
        if person.active:
            _sort(person)


def accepted(invitation: str) -> None:
    """Somebody accepted an invitation: if the directory had sent it, they get what it gives."""
    person = directory_entries.invited_by(invitation)
    if person is None:
        return
    directory_entries.found_out(person.id, account=invitations.accepted_by(invitation))
    _sort(person)


def take_up(since: str) -> int:
    """Finish what was interrupted before `since` (ISO 8601 UTC); how many entries."""
    waiting = directory_entries.unsettled(since)
    for person in waiting:
        follow(person)
    return len(waiting)
