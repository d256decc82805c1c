"""Sign-ons on their way, whose identities are, and what a provider said: rows behind functions."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask

from portal import clock, vault
from portal.desk import client_secrets, providers, sign_on_attempts, sign_on_subjects
from portal.desk.sign_on_attempts import Attempt
from portal.desk.sign_on_subjects import Bound, Pending
from tests.portal.ledger import history

ISSUER = "https://login.cert.example"
ATTEMPT = Attempt("org_1", ISSUER, "portal")


def test_an_attempt_is_taken_once_by_its_browser(either_app: Flask) -> None:
    """Of eight at one moment one gets it; another browser and a later hour get none."""
    state = sign_on_attempts.begin(ATTEMPT, "browser")
    assert sign_on_attempts.take(state, "another") is None
    found = history.at_once(either_app, [lambda: sign_on_attempts.take(state, "browser")] * 8)
    assert sorted(found, key=str) == sorted([ATTEMPT, *[None] * 7], key=str)
    state = sign_on_attempts.begin(ATTEMPT, "browser")
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert sign_on_attempts.take(state, "browser") is None


def test_an_identity_belongs_to_the_first(either_app: Flask) -> None:
    """Of several accounts at one moment one keeps it; it is of its issuer, and can be forgotten."""
    bounds = [Bound(f"sgn_{n}", f"acc_{n}") for n in range(6)]
    works = [lambda b=b: sign_on_subjects.bind(ISSUER, "ann", b) for b in bounds]
    found = history.at_once(either_app, works)
    assert sorted(found) == [False] * 5 + [True]
    first = bounds[found.index(True)]
    assert sign_on_subjects.find(ISSUER, "ann") == first
    assert sign_on_subjects.find("https://other.example", "ann") is None
    again = Bound("sgn_again", first.account)
    assert sign_on_subjects.bind(ISSUER, "ann", again)
    assert sign_on_subjects.find(ISSUER, "ann") == again
    sign_on_subjects.forget_link("sgn_again")
    assert sign_on_subjects.find(ISSUER, "ann") is None


def test_nothing_leads_to_who_was_erased(either_app: Flask) -> None:
    """Neither a linked identity nor one that waits; also before it is forgotten by name."""
    pending = Pending("acc_1", "org_1", ISSUER, "portal", "ann")
    token = sign_on_subjects.wait(pending)
    sign_on_subjects.bind(ISSUER, "ann", Bound("sgn_1", "acc_1"))
    assert sign_on_subjects.waiting(token) == pending
    assert sign_on_subjects.waits_for("acc_1")
    vault.erase("acc_1")
    assert sign_on_subjects.waiting(token) is None
    sign_on_subjects.forget("acc_1")
    assert not sign_on_subjects.waits_for("acc_1")
    assert sign_on_subjects.find(ISSUER, "ann") is None


def test_keys_are_asked_for_by_one(either_app: Flask) -> None:
    """Of eight that miss a key at one moment, one asks."""
    providers.keep(ISSUER, "{}")
    found = history.at_once(either_app, [lambda: providers.may_ask_for_keys(ISSUER)] * 8)
    assert sorted(found) == [False] * 7 + [True]
    providers.keep_keys(ISSUER, "{}")
    providers.keep(ISSUER, '{"a":1}')
    assert providers.known(ISSUER) == providers.Known('{"a":1}', "{}")
    assert not providers.may_ask_for_keys("https://never.example")


def test_a_secret_is_of_one_organization_and_kind(either_app: Flask) -> None:
    """Kept anew, the earlier one is gone; erased with its organization."""
    client_secrets.keep("org_1", "client_secret", "one")
    client_secrets.keep("org_1", "client_secret", "two", "shown")
    assert client_secrets.secret("org_1", "client_secret") == "two"
    assert client_secrets.public("org_1", "client_secret") == "shown"
    assert client_secrets.secret("org_1", "private_key_jwt") is None
    assert client_secrets.secret("org_2", "client_secret") is None
    vault.erase("org_1")
    assert client_secrets.secret("org_1", "client_secret") is None
