"""Changing one's address: asked for, proven by the mail to the new one, undone by the old one."""

from __future__ import annotations

from portal import clock, spelling, vault
from portal.boards import accounts, sign_ons
from portal.desk import (
    address_changes,
    addresses,
    directory_ends,
    links,
    passkey_uses,
    secrets,
    sessions,
    sign_on_subjects,
)
from portal.desk.address_changes import Change
from portal.identity import requirement
from portal.ledger import outbox, perform, rehearse
from workflows import calendar
from workflows.account.addresses import DOUBT
from workflows.account.commands.change_address import ChangeAddress
from workflows.account.commands.undo_address_change import UndoAddressChange
from workflows.actors import Actor
from workflows.errors import Conflict, Invalid, NotFound, NotNow, Refused
from workflows.reactions import Effect
from workflows.vaulted import Vaulted


def ask(actor: Actor, address: str) -> None:
    """Mail a link to the new address; the same acts and answer whoever has it.

    Raises:
        Refused: the person may not change it now, whatever the new one is.
        Invalid: it is no address, or the present one.
        NotNow: an organization requires its provider for the old or the new address.
    """
    rehearse(ChangeAddress(actor.id, "chg", Vaulted("", "")), actor)
    _check_domains(actor.id, address)
    change = address_changes.ask(actor.id, address)
    outbox.enqueue(Effect("send_change", f"change:{change}", {"change": change}))


def _check_domains(account: str, address: str) -> None:
    present = accounts.address(account) or ""
    if spelling.address(address) == spelling.address(present):
        raise Invalid(
            "this is your address already",
            code="same_address",
            fields={"email": "This is your address already"},
        )
    for which, words in ((present, "your present address"), (address, "that address")):
        if requirement.requires(which):
            # Else one would leave the provider's reach by leaving the domain, or enter a domain
            # whose organization believes no mailbox.
            raise NotNow(
                f"an organization requires its own sign-in for {words}",
                code="sign_on_required",
                remedy="ask it to lift the requirement, or to end your membership",
            )


def confirm(actor: Actor, token: str) -> None:
    """The mailed link was used by the person who had asked: the new address counts.

    Raises:
        NotFound: it is over, or somebody else's.
        Conflict: the address came to have an account since.
        Refused: they may not change it now.
    """
    change = address_changes.to_confirm(token, actor.id)
    if change is None:
        raise spent()
    _check_domains(actor.id, change.address)
    present = accounts.address(actor.id) or ""
    command = ChangeAddress(actor.id, change.id, vault.put(actor.id, change.address))
    rehearse(command, actor)
    if not address_changes.use(change.id):
        raise Conflict("this link was used a moment ago", code="link_spent")
    old = addresses.address_digest(present)
    directory_ends.know(old, actor.id)  # first: whatever comes between, a departure reaches them
    _change(command, actor, change)
    links.forget_address(old)


def _change(command: ChangeAddress, actor: Actor, change: Change) -> None:
    try:
        addresses.prepare(change.address_digest, actor.id, change.id)
        perform(command, actor)
    except Refused:
        addresses.release(actor.id, change.id)
        address_changes.unuse(change.id)
        raise


def undo(token: str) -> None:
    """Put the former address back; whoever holds the token reads its mail, and is nobody more.

    Raises:
        NotFound: no such change.
        NotNow: it can no longer be undone.
    """
    change = address_changes.to_undo(token)
    if change is None:
        raise spent()
    account = change.account
    doubtful, linked = _doubtful(change), sign_ons.linked_to(account)
    perform(UndoAddressChange(account, change.id, doubtful), Actor(account))
    for name in doubtful:
        passkey_uses.forget(name)
    for row in linked:
        sign_on_subjects.forget_link(row.link)
    sessions.end_all(account)
    links.forget_address(change.address_digest)


def _doubtful(change: Change) -> tuple[str, ...]:
    """Ways in that are younger than a week before the change."""
    at = calendar.parse(change.used_at) or clock.now()
    since, account = calendar.iso(at - DOUBT), change.account
    return (
        *(row.passkey for row in accounts.passkeys_of(account) if row.added_at >= since),
        *secrets.made_since(account, since),
    )


def spent() -> NotFound:
    return NotFound(
        "this link is over, or is for another account",
        remedy="sign in to the account that you want to change, and open the link again; one that "
        "is over is asked for anew on your account’s page",
    )


__all__ = ["ask", "confirm", "spent", "undo"]
