"""From an identity at a provider to an account: at once, or after the person's own word."""

from __future__ import annotations

from contextlib import suppress

from flask import session

from portal import ids, vault
from portal.boards import accounts, sign_ons
from portal.desk import links, sign_on_subjects
from portal.desk.sign_on_subjects import Bound, Pending
from portal.identity.sign_on import Vouched, check_domain
from portal.identity.signing_in import PENDING
from portal.ledger import perform
from workflows.account.commands.link_sign_on import LinkSignOn
from workflows.account.commands.open import Open
from workflows.account.commands.unlink_sign_on import UnlinkSignOn
from workflows.actors import Actor, Strength, robot
from workflows.errors import Conflict, NotFound, NotNow, NotVouched, Refused
from workflows.organization.commands.prove_sign_on import ProveSignOn


def account_of(vouched: Vouched) -> str:
    """The account that the identity signs in; "" when its person has to say first that it is
    theirs: then it waits in this browser.

    Raises:
        NotVouched: the identity belongs to somebody whom this organization cannot sign in.
    """
    account = _linked(vouched)
    if not account:
        account = _opened(vouched)
    if account:
        prove(account, vouched.attempt.org_id, vouched.attempt.issuer, vouched.attempt.client_id)
    return account


def _linked(vouched: Vouched) -> str:
    bound = sign_on_subjects.find(vouched.attempt.issuer, vouched.subject)
    row = sign_ons.linked(bound.link) if bound else None
    if bound is None or row is None or row.account != bound.account:
        return ""
    address = accounts.address(bound.account)
    if row.org_id != vouched.attempt.org_id or address is None:
        raise NotVouched(
            "this identity signs in through another organization",
            code="linked_elsewhere",
            remedy="sign in through that organization, with your passkey or by a mailed link",
        )
    check_domain(row.org_id, address)  # the account's own, whatever the provider calls it today
    return bound.account


def _opened(vouched: Vouched) -> str:
    """A fresh account for an address that has none; else "", and the identity waits."""
    attempt = vouched.attempt
    fresh = ids.new("acc")
    account = links.bind(links.address_digest(vouched.address), fresh)
    if account != fresh:
        pending = Pending(
            account, attempt.org_id, attempt.issuer, attempt.client_id, vouched.subject
        )
        session[PENDING] = sign_on_subjects.wait(pending)
        return ""
    actor = Actor(account, strength=Strength.LINK)
    kept, name = vault.put(account, vouched.address), vault.put(account, vouched.name)
    perform(Open(account, address=kept, name=name), actor)
    _link(Pending(account, attempt.org_id, attempt.issuer, attempt.client_id, vouched.subject),
          actor)  # fmt: skip
    return account


def _link(pending: Pending, actor: Actor) -> None:
    link = ids.new("sgn")
    if not sign_on_subjects.bind(pending.issuer, pending.subject, Bound(link, pending.account)):
        raise Conflict(
            "this identity is linked to another account",
            remedy="sign in to that account and take it off there",
        )
    subject = vault.put(pending.account, pending.subject)
    try:
        perform(LinkSignOn(actor.id, link, pending.org_id, pending.issuer, subject), actor)
    except Refused:
        sign_on_subjects.forget_link(link)
        raise


def pending_here() -> Pending | None:
    """The identity that waits in this browser, while its configuration is still in force."""
    pending = sign_on_subjects.waiting(session.get(PENDING, ""))
    if pending is None:
        return None
    row = sign_ons.configured(pending.org_id)
    if row is None or (row.issuer, row.client_id) != (pending.issuer, pending.client_id):
        return None
    return pending


def confirm(actor: Actor) -> None:
    """Link the identity that waits in this browser: its person signed in in their usual way.

    Raises:
        NotFound: none waits, or it waits for somebody else.
    """
    pending = pending_here()
    if pending is None or pending.account != actor.id:
        raise nothing_waits()
    _link(pending, actor)
    sign_on_subjects.done(session.pop(PENDING))
    prove(actor.id, pending.org_id, pending.issuer, pending.client_id)


def discard() -> None:
    """Forget what waits in this browser."""
    sign_on_subjects.done(session.pop(PENDING, ""))


def unlink(actor: Actor, link: str) -> None:
    perform(UnlinkSignOn(actor.id, link), actor)
    sign_on_subjects.forget_link(link)


def prove(account: str, org_id: str, issuer: str, client_id: str) -> None:
    """Note that the configuration works, if this is the first owner or admin to come by it."""
    if not sign_ons.is_proven_by(org_id, account):
        with suppress(NotNow):
            perform(ProveSignOn(org_id, account, issuer, client_id), robot("sign_on"))


def strength_of(vouched: Vouched, account: str) -> Strength:
    """A passkey's only if the organization lets it count so; never for staff."""
    if vouched.resistant and not accounts.roles(account):
        return Strength.PASSKEY
    return Strength.LINK


def nothing_waits() -> NotFound:
    return NotFound(
        "no sign-in waits here to be linked",
        code="nothing_waits",
        remedy="sign in through your organization again; a link is made within half an hour",
    )
