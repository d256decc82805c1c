"""One's own password: set with its authenticator in one flow, changed, removed; recovery codes.

Nothing is half on: until a code from the app was proven, the ledger names no password, and what
lies at the desk signs nobody in.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import ids
from portal.boards import accounts
from portal.desk import attempts, secrets
from portal.desk.secrets import Secret
from portal.identity import hashing, totp
from portal.ledger import perform, rehearse
from workflows.account import passwords as rules
from workflows.account.commands.make_recovery_codes import MakeRecoveryCodes
from workflows.account.commands.remove_password import RemovePassword
from workflows.account.commands.set_password import SetPassword
from workflows.actors import Actor
from workflows.errors import Conflict, Invalid, NotNow

_SOME = tuple(str(n) for n in range(rules.CODES))  # names for asking whether codes may be made


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the app is shown: the key in groups of four to type, and as a picture to scan."""

    key: str
    qr: str


def check_may_set(actor: Actor) -> None:
    """Raises Refused unless this person may have a password, now and with this sign-in."""
    rehearse(SetPassword(actor.id, "sec_not_yet", _SOME), actor)


def begin(actor: Actor, text: str) -> None:
    """Keep a first password until its code is proven.

    Raises:
        Refused: this person may have none, has one, or the text will not do.
    """
    check_may_set(actor)
    if secrets.current(actor.id):
        raise Conflict("there is a password on this account", remedy="change it instead")
    secrets.keep(actor.id, hashing.hashed(_checked(actor, text)), totp.new_key())


def _checked(actor: Actor, text: str) -> str:
    prepared = rules.prepared(text)
    name = accounts.names([actor.id])[actor.id]
    rules.check_text(prepared, [name, accounts.address(actor.id) or ""])
    return prepared


def set_up(actor: Actor) -> SetUp | None:
    """What the app is shown now; None when nothing is being set up, or its time is over."""
    secret = secrets.set_up_of(actor.id)
    key = secrets.totp_of(secret) if secret else None
    if key is None:
        return None
    groups = " ".join(key[i : i + 4] for i in range(0, len(key), 4))
    return SetUp(groups, totp.qr(key, accounts.address(actor.id) or ""))


def confirm(actor: Actor, typed: str) -> list[str]:
    """Turn the password on: the app shows the right code. Returns the recovery codes, which are
    shown once and kept as digests.

    Raises:
        Invalid: the code is not the app's, or was used.
        NotNow: nothing is being set up, or its time is over.
    """
    secret = secrets.set_up_of(actor.id)
    if secret is None:
        raise NotNow(
            "nothing is being set up, or its fifteen minutes are over",
            code="set_up_over",
            remedy="begin again with a password",
        )
    _prove(secret, typed)
    codes = _new_codes(actor.id)
    perform(SetPassword(actor.id, secret.id, tuple(codes)), actor)
    return list(codes.values())


def _prove(secret: Secret, typed: str) -> None:
    key = secrets.totp_of(secret)
    step = totp.step_of(key, typed) if key else None
    if step is None or not secrets.spend_step(secret.id, step):
        raise Invalid(
            "this is not the code that the app shows now",
            code="code_wrong",
            remedy="wait for the app's next code; check that your device's clock is right",
            fields={"code": "This is not the code that the app shows now. Wait for the next one."},
        )


def _new_codes(account: str) -> dict[str, str]:
    """Recovery codes by their names, with their digests at the desk."""
    codes = {ids.new("rec"): totp.new_recovery_code() for _ in range(rules.CODES)}
    secrets.keep_codes(
        account, {name: totp.recovery_digest(account, code) for name, code in codes.items()}
    )
    return codes


def change(actor: Actor, old: str, new: str) -> None:
    """A new password in the place of the old one; app and recovery codes stay.

    Raises:
        Refused: the old one is wrong or was tried too often, or the new one will not do.
    """
    check_may_set(actor)
    prepared = _checked(actor, new)
    secret = secrets.current(actor.id)
    tried = attempts.take(f"change:{actor.id}", attempts.ACCOUNT)
    right = secret is not None and hashing.matches(secret.hash, rules.prepared(old))
    if secret is None or not right or not tried.allowed:
        raise Invalid(
            "the present password is wrong, or there were too many attempts",
            code="password_wrong",
            fields={"old": "This is wrong, or there were too many attempts."},
        )
    attempts.clear(f"change:{actor.id}")
    fresh = secrets.keep_with_same_totp(secret, hashing.hashed(prepared))
    perform(SetPassword(actor.id, fresh), actor)


def make_codes(actor: Actor) -> list[str]:
    """New recovery codes, shown once; the earlier ones are void."""
    rehearse(MakeRecoveryCodes(actor.id, _SOME), actor)
    codes = _new_codes(actor.id)
    perform(MakeRecoveryCodes(actor.id, tuple(codes)), actor)
    return list(codes.values())


def remove(actor: Actor) -> None:
    perform(RemovePassword(actor.id), actor)
