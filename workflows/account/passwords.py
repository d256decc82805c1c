"""Passwords: who may have one, and which texts will do. Only a code beside it signs anybody in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from workflows.account.events import PasswordRemoved
from workflows.account.state import State
from workflows.actors import Actor, Strength
from workflows.errors import Invalid, NotAllowed, StrengthNeeded

FEWEST, MOST = 12, 128
CODES = 10
# What has to be left of a password when what everybody guesses first is taken out of it.
LEFT = 8
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
         "qwertzuiop", "yxcvbnm", "azertyuiop")  # fmt: skip
_RUN = 4
_WORDS = (
    "password", "passwort", "passphrase", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "welcome",
    "iloveyou", "changeme", "secret", "administrator", "admin", "login", "master", "dragon",
    "monkey", "football", "trustedaccess", "trusted", "access", "portal",
)  # fmt: skip


def check_own(state: State, actor: Actor) -> None:
    """Raises NotAllowed unless the person acts for themselves and holds no staff role."""
    if actor.id != state.id:
        raise NotAllowed("a password belongs to the person who holds it")
    if state.roles:
        raise NotAllowed(
            "staff sign in with a passkey alone, and have no password",
            code="staff_password",
            remedy="sign in with your passkey",
        )


def check_not_by_link(actor: Actor) -> None:
    """Raises StrengthNeeded: whoever reads the person's mail must not get past the password."""
    if actor.strength < Strength.TOTP:
        raise StrengthNeeded(
            "this account has a password, and a mailed link is weaker",
            code="password_stands",
            remedy="sign in with your password and a code, or with a passkey",
        )


def check_codes(codes: tuple[str, ...]) -> None:
    if len(set(codes)) != CODES:
        raise Invalid(f"a set of recovery codes has {CODES}", code="recovery_codes")


def without_password(state: State, reason: str) -> tuple[object, ...]:
    """The event that ends the password, if there is one."""
    return (PasswordRemoved(state.password, reason),) if state.password else ()


def prepared(text: str) -> str:
    """The form in which a password is kept and compared: RFC 8265 section 4.2 (OpaqueString).

    Spaces of every script become the plain one, and the text takes Normalization Form C; case,
    width and everything else stay as they were typed.
    """
    plain = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text)
    return unicodedata.normalize("NFC", plain)


def check_text(text: str, personal: Iterable[str] = ()) -> None:
    """Raises Invalid unless a password may be this; says what is wrong and never repeats it.

    It is held against rules of our own: no list of passwords that leaked is shipped.

    Args:
        text: as `prepared` returns it.
        personal: the person's name, address, and whatever else others know of them.
    """
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn") for c in text):
        raise _weak("it holds a character that no keyboard types")
    if not FEWEST <= len(text) <= MOST:
        raise _weak(f"it has {len(text)} characters; between {FEWEST} and {MOST} are right")
    flat = _flat(text)
    if any(word in flat for word in _known(personal)):
        raise _weak("it holds your name or your address")
    if len(set(flat)) < 5 or _repeats(flat):
        raise _weak("it repeats itself")
    if len(_stripped(flat)) < LEFT:
        raise _weak("it is made of words and sequences that are guessed first")


def _weak(what: str) -> Invalid:
    return Invalid(
        f"this password will not do: {what}",
        code="password_weak",
        remedy="four or more random words make a good one",
        fields={"password": f"{what[0].upper()}{what[1:]}. Four or more random words do well."},
    )


def _flat(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and c not in "-_.")


def _known(personal: Iterable[str]) -> set[str]:
    """Each text whole, and the parts of it (of an address: of what stands before the @), if they
    have four letters or more: shorter ones are in too many honest words."""
    found = set()
    for text in personal:
        parts = unicodedata.normalize("NFKC", text).casefold().partition("@")[0]
        for mark in ".-_+":
            parts = parts.replace(mark, " ")
        found |= {_flat(text), *parts.split()}
    return {word for word in found if len(word) > 3}


def _repeats(flat: str) -> bool:
    """Whether it is a block of up to six characters, over and over."""
    return any((flat[:n] * len(flat)).startswith(flat) for n in range(1, min(6, len(flat) - 1) + 1))


def _stripped(flat: str) -> str:
    """What is left without common words, and with each run along a row cut to its first letter."""
    for word in _WORDS:
        flat = flat.replace(word, "")
    kept, at = [], 0
    while at < len(flat):
        kept.append(flat[at])
        at += max(1, _run_at(flat, at))
    return "".join(kept)


def _run_at(flat: str, at: int) -> int:
    """How long a run along a row, or of one character, begins here; 0 when under four."""
    longest = 0
    for row in (*_ROWS, *(r[::-1] for r in _ROWS), flat[at] * len(flat)):
        length = _RUN
        while flat[at : at + length] in row and at + length <= len(flat):
            longest, length = length, length + 1
    return longest
