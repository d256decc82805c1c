"""One spelling for each domain and each address, or a clear word why it is none.

Domains are kept in A-labels (IDNA 2008 with UTS 46 mapping: case, width, ligatures, white space
that cannot be seen). What can be mistaken for another name within one word, a label of two
alphabets, is refused (UTS 39, "highly restrictive"); a name that is wholly of another alphabet is
shown in A-labels wherever it is shown. The part of an address before the @ is ASCII: Unicode there
can be told apart by a mail server and by no person.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

from workflows.organization.proofs import CHALLENGE

MAX_NAME = 253  # characters (RFC 1035, 2.3.4, without the root's dot)
MAX_ADDRESS = 254  # characters (RFC 5321, 4.5.3.1.3, less the angle brackets)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")  # what IDNA takes for a dot (UTS 46, 4.5)
# What is written together: UTS 39, 5.2. Kana and Han in one label, for example, are Japanese.
_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)


class InvalidDomain(ValueError):
    """Not a domain name that anybody could prove; the message says why."""


class InvalidAddress(ValueError):
    """Not an e-mail address that people have here; the message says why."""


def domain(written: str) -> str:
    """A domain's A-labels in lower case, by IDNA 2008 with UTS 46; one dot at the end is dropped.

    Raises:
        InvalidDomain: empty, one label, an empty label, an IP address, a wildcard, an underscore
            or another sign beyond letters, digits and hyphen, a label of two alphabets, or too
            long once the challenge is before it.
    """
    text = written.strip()
    if _is_ip(text):
        raise InvalidDomain("an IP address is not a domain")
    if len(text) > MAX_NAME + 1:
        raise InvalidDomain(f"a domain has at most {MAX_NAME} characters")
    parts = _DOTS.split(text)
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) > 1 and not all(parts):
        raise InvalidDomain("it begins with a dot, or has two in a row")
    made = _a_labels(".".join(parts))
    _check(made)
    return made


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _a_labels(text: str) -> str:
    try:
        made = idna.encode(text, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidDomain(f"this is not a domain name: {error}") from error
    for label in made.split("."):
        if label.startswith("xn--"):
            _check_alphabets(idna.decode(label))
    return made


def _check(made: str) -> None:
    labels = made.split(".")
    if len(labels) < 2 or not all(labels):
        raise InvalidDomain("a domain has two labels or more, like defender.example")
    if labels[-1].isdigit():
        raise InvalidDomain("an IP address is not a domain")
    if len(f"{CHALLENGE}.{made}") > MAX_NAME:
        raise InvalidDomain(f"with {CHALLENGE} before it the name is over {MAX_NAME} characters")


def _check_alphabets(label: str) -> None:
    """Refuse letters of two alphabets in one label, and the dot over an i that nobody sees."""
    if "i\u0307" in unicodedata.normalize("NFD", label):
        raise InvalidDomain("the letter İ has no place in a domain name; write i")
    found = {_alphabet(c) for c in label if unicodedata.category(c)[0] == "L"} - {""}
    if len(found) > 1 and not any(found <= group for group in _TOGETHER):
        named = " and ".join(sorted(name.capitalize() for name in found))
        raise InvalidDomain(
            f"one of its words mixes the alphabets {named}, which can be mistaken for another "
            "name; write each word in one alphabet"
        )


def _alphabet(letter: str) -> str:
    """The first word of the letter's Unicode name, which is its script for the scripts in use."""
    first = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return "" if first == "MODIFIER" else first


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def own_domain(written: str) -> str:
    """A domain as `domain` makes it, that somebody can have for their own.

    Raises:
        InvalidDomain: also for a public suffix, such as co.uk, under which many have theirs.
    """
    made = domain(written)
    if _suffixes().publicsuffix(made) == made:
        raise InvalidDomain(f"many organizations have their names under {made}; write your own")
    return made


def deliverable(written: str) -> str:
    """The address as mail is sent to it: as it was written before the @, after it the domain's
    A-labels in lower case.

    Raises:
        InvalidAddress: not local@domain, white space or signs that cannot be seen, a quoted part
            before the @, one beyond ASCII, an IP address for a domain, or whatever `domain`
            refuses.
    """
    text = written.strip()
    local, at, host = text.rpartition("@")
    if not at or not local or not host:
        raise InvalidAddress("an address is a name, an @ and a domain")
    if local.startswith('"') or "@" in local:
        raise InvalidAddress("there is one @ in an address, and no quotation marks before it")
    if host.startswith("["):
        raise InvalidAddress("after the @ stands a domain, not an IP address")
    if any(c.isspace() or unicodedata.category(c)[0] == "C" for c in text):
        raise InvalidAddress("there is a space in it, or a sign that cannot be seen")
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise InvalidAddress("before the @ stand unaccented letters, digits and signs, 64 at most")
    try:
        made = domain(host)
    except InvalidDomain as wrong:
        raise InvalidAddress(f"after the @: {wrong}") from None
    whole = f"{local}@{made}"
    if len(whole) > MAX_ADDRESS:
        raise InvalidAddress(f"an address has at most {MAX_ADDRESS} characters")
    return whole


def is_address(written: str) -> bool:
    try:
        deliverable(written)
    except InvalidAddress:
        return False
    return True


def address(written: str) -> str:
    """The one form under which an address is looked up: in lower case, the domain in A-labels.

    What is no address has a form of its own, which is no address's, so that asking for it tells
    nothing: every door refuses it beforehand. Folding it would make "ſam" one with "sam".
    """
    try:
        return deliverable(written).lower()
    except InvalidAddress:
        return f"\0{written}"


def domain_of(written: str) -> str:
    """The domain of an address in A-labels; "" when it is no address."""
    try:
        return deliverable(written).rpartition("@")[2].lower()
    except InvalidAddress:
        return ""


def user_name(written: str) -> str:
    """A directory's name for somebody, told apart as addresses are: not by case or width."""
    if is_address(written):
        return address(written)
    return unicodedata.normalize("NFKC", written).strip().casefold()
