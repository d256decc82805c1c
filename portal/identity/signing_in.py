"""Signing in and out: a fresh session row each time, the old one gone with it."""

from __future__ import annotations

from contextlib import suppress

from flask import request, session
from flask_login import current_user, login_user, logout_user

from portal import vault
from portal.boards import accounts
from portal.desk import attempts, links, sessions, sign_on_subjects
from portal.desk.links import Link
from portal.identity import devices, passkeys, requirement
from portal.identity.viewer import load
from portal.ledger import perform
from workflows.account.commands.open import Open
from workflows.actors import Actor, Strength
from workflows.errors import Conflict, NotFound, NotNow
from workflows.vaulted import Vaulted

PENDING = "pending_link"  # names what a provider said of this browser's person (identity.linking)


def begin(account: str, strength: Strength, *, via: str = "") -> None:
    """Sign the browser in; its former session, of whomever, ends.

    Args:
        via: the organization whose provider vouched for the person.
    """
    former = current_user.token if current_user.is_authenticated else ""
    device = devices.describe(request.headers.get("User-Agent", ""))
    pending = session.get(PENDING)
    session.clear()  # nothing that was planted before sign-in lives on
    if pending and not via:  # but what waits for this sign-in, and is asked about after it
        session[PENDING] = pending
    viewer = load(sessions.start(account, strength, instead_of=former, device=device, via=via))
    if viewer is None:
        raise NotFound("there is no such account")
    login_user(viewer)
    attempts.forgive(account)


def end() -> None:
    if current_user.is_authenticated:
        sessions.end(current_user.token)
    logout_user()
    session.clear()


def step_up(answer: str) -> None:
    """A passkey of whoever is signed in answered once more: a fresh session, as after signing in.

    Raises:
        Invalid: none of theirs did.
    """
    passkeys.check_stepped_up(current_user.own, answer)
    begin(current_user.actor.id, Strength.PASSKEY)


def end_elsewhere() -> None:
    """End every other session of whoever is signed in, and copies of this one's cookie: whoever
    stole it shares its row, and is not another."""
    sessions.end_others(current_user.actor.id, current_user.token)
    viewer = load(sessions.renew(current_user.token))
    if viewer is not None:  # else it ended at this moment, and the next request says so
        login_user(viewer)


def open_account(account: str, address: Vaulted, digest: str, name: str, actor: Actor) -> None:
    """Open an account for a proven address; its name goes into the vault.

    Raises:
        Conflict: somebody has the address.
        NotNow: it is kept back for the account that had it.
    """
    if links.bind(digest, account) != account:
        raise Conflict("this address has an account already", code="address_taken")
    perform(Open(account, address=address, name=vault.put(account, name)), actor)


def by_link(token: str, name: str) -> str:
    """Use a one-time link up; returns the account that it signs in.

    Raises:
        NotFound: expired, used, or never was.
        NotNow: an organization requires its provider for this address; or mailed links are held
            for its account, or the address was another account's until lately.
    """
    link = links.find(token)
    if link is None:
        raise NotFound(
            "this link has expired or was used already",
            code="link_spent",
            remedy="ask for a new one; each works once, for half an hour",
        )
    _check_not_required(link)
    _check_not_held(links.account_of_digest(link.address_digest))
    if not links.use(link):
        raise Conflict("this link was used a moment ago", code="link_spent")
    # Of two links for a new address the first to be used decides whose account it is.
    account = links.bind(link.address_digest, link.account)
    if accounts.get(account) is None:
        address = vault.text(link.address.id)
        with suppress(NotNow):  # the other link is opening it at this moment
            perform(
                Open(
                    account,
                    address=vault.put(account, address),
                    name=vault.put(account, name or address.partition("@")[0]),
                ),
                Actor(account),
            )
    return account


def _check_not_held(account: str | None) -> None:
    """After a change of address was undone, reading the account's mail is too little."""
    row = accounts.get(account) if account else None
    if row is not None and row.links_held:
        raise NotNow(
            "mailed links sign nobody in to this account: a change of its address was undone",
            code="links_held",
            remedy="sign in with your passkey, or with your password and a code; without either, "
            "two people who look after your account recover it",
        )


def _check_not_required(link: Link) -> None:
    """A mailed link alone is too little where an organization requires its provider, which has
    vouched only for the browser in which its word waits."""
    if not requirement.requires(vault.text(link.address.id)):
        return
    pending = sign_on_subjects.waiting(session.get(PENDING, ""))
    if pending is None or pending.account != links.account_of_digest(link.address_digest):
        raise NotNow(
            "your organization requires its own sign-in for this address",
            code="sign_on_required",
            remedy="sign in through your organization, or with your passkey",
        )
