"""A further passkey is let in by one that is there: a stolen session brings none of its own."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from portal.boards import accounts
from portal.demo.authenticator import Authenticator
from portal.identity import passkeys
from tests import builders
from workflows.actors import Actor, Strength
from workflows.errors import Refused

ORIGIN = "http://localhost:8000"


def options(person: Actor) -> dict[str, object]:
    found: dict[str, object] = json.loads(passkeys.registration_options(person, "Pat"))
    return found


def with_one() -> tuple[Actor, Authenticator]:
    """Somebody with a passkey, and the device that holds it; the first needs no introduction."""
    person, device = builders.person(), Authenticator()
    asked = options(person)
    assert "introduction" not in asked
    passkeys.register(person, device.register(asked, ORIGIN), "first")
    return person, device


def add(person: Actor, introduced_by: str, asked: dict[str, object]) -> None:
    answer = Authenticator().register(asked, ORIGIN)
    passkeys.register(person, answer, "second", introduction=introduced_by)


def test_one_that_is_there_lets_another_in_once(app: Flask) -> None:
    """The answer to its question is good for one new passkey and no other."""
    person, device = with_one()
    asked = options(person)
    word = device.sign_in(person.id, asked["introduction"], ORIGIN)  # type: ignore[arg-type]
    add(person, word, asked)
    assert len(accounts.passkeys_of(person.id)) == 2
    with pytest.raises(Refused) as no:
        add(person, word, options(person))
    assert no.value.code == "passkey_not_introduced"
    assert len(accounts.passkeys_of(person.id)) == 2


@pytest.mark.parametrize("word", ["", "{}", "none", '{"id": ["x"]}'])
def test_without_one_nothing_is_added(app: Flask, word: str) -> None:
    """However strong the session is, and whatever stands in the place of the answer."""
    person, _ = with_one()
    with pytest.raises(Refused) as no:
        add(person, word, options(person))
    assert no.value.code == "passkey_not_introduced"
    assert len(accounts.passkeys_of(person.id)) == 1


def test_what_was_signed_for_something_else_lets_nothing_in(app: Flask) -> None:
    """Neither an answer to the sign-in's question, nor another person's passkey."""
    person, device = with_one()
    signed_in = device.sign_in(person.id, json.loads(passkeys.sign_in_options()), ORIGIN)
    other, others = with_one()
    asked = options(person)
    foreign = others.sign_in(other.id, asked["introduction"], ORIGIN)  # type: ignore[arg-type]
    for word in (signed_in, foreign):
        with pytest.raises(Refused) as no:
            add(person, word, options(person))
        assert no.value.code == "passkey_not_introduced"
    assert len(accounts.passkeys_of(person.id)) == 1


def test_a_mailed_link_is_still_sent_to_sign_in(app: Flask) -> None:
    """A session without a passkey reads what it read before: sign in with yours."""
    person, _ = with_one()
    by_link = Actor(person.id, strength=Strength.LINK)
    with pytest.raises(Refused) as no:
        add(by_link, "", options(by_link))
    assert no.value.code == "strength_needed"
