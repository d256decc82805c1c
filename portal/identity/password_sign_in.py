"""Signing in with a password, then a code: the same path, words and time for whichever address.

An address without a password is asked for the decoy's. A wrong password leads to the code's page
as a right one does, and the code then fails there: the first page tells nobody anything, and what
counts as a try is the pair.
"""

from __future__ import annotations

import secrets as randomness

from portal.desk import attempts, links, password_steps, secrets
from portal.desk.attempts import ACCOUNT, Try
from portal.desk.secrets import DECOY, Secret
from portal.identity import hashing, requirement, totp
from portal.ledger import outbox, perform
from workflows.account.commands.use_recovery_code import UseRecoveryCode
from workflows.account.passwords import prepared
from workflows.actors import Actor
from workflows.errors import Refused
from workflows.reactions import Effect


def first(address: str, password: str) -> str:
    """Compare the password; returns the token for the browser that sent it, always."""
    digest, text = links.address_digest(address), prepared(password)
    elsewhere = requirement.requires(address)  # their organization signs these people in
    secret = secrets.of_address(digest) or _with_decoy(digest)
    right = hashing.matches(secret.hash, text)
    _renew(secret, text, right)
    return password_steps.make(digest, secret.id if right and not elsewhere else DECOY)


def _with_decoy(digest: str) -> Secret:
    """The installation's first sign-in by password makes the decoy."""
    secrets.keep_decoy(hashing.hashed(randomness.token_urlsafe(32)), totp.new_key())
    found = secrets.of_address(digest)
    if found is None:
        raise LookupError("there is no decoy")
    return found


def _renew(secret: Secret, text: str, right: bool) -> None:
    """After other parameters came: hash once more, whether the password was right or not."""
    if hashing.outdated(secret.hash):
        fresh = hashing.hashed(text)
        if right:
            secrets.rehash(secret, fresh)
        elif secret.id == DECOY:
            secrets.rehash(secret, hashing.hashed(randomness.token_urlsafe(32)))


def second(token: str, code: str) -> str | None:
    """The account that password and code sign in; None for whatever reason.

    The try is taken first, so that of many at once no more get through than may.
    """
    step = password_steps.spend(token)
    if step is None:
        return None
    digest, secret_id = step
    key = attempts.of_address(digest)
    tried = attempts.take(key, ACCOUNT)
    account = _proven(secret_id, code, tried)
    if account is None:
        _tell_once(tried)
        return None
    attempts.clear(key)
    return account


def _proven(secret_id: str, code: str, tried: Try) -> str | None:
    """Everything is looked up and computed for everybody; only who is right goes on from there."""
    secret = secrets.get(secret_id)
    key = secrets.totp_of(secret) if secret else None
    if secret is None or key is None:
        return None
    step = totp.step_of(key, code)
    recovery = secrets.code_of(secret.account, totp.recovery_digest(secret.account, code))
    if not (tried.allowed and secret.counts):
        return None
    if step is not None and secrets.spend_step(secret.id, step):
        return secret.account
    return secret.account if recovery and _used(secret.account, recovery) else None


def _used(account: str, code: str) -> bool:
    try:
        perform(UseRecoveryCode(account, code), Actor(account))
    except Refused:
        return False
    return True


def _tell_once(tried: Try) -> None:
    """At the try that shuts an address; whether it has a person is found out by the job."""
    if tried.number == ACCOUNT.most:
        payload = {"try": tried.id, "since": str(tried.since)}
        outbox.enqueue(Effect("send_lockout", f"lockout:{tried.id}:{tried.since}", payload))
