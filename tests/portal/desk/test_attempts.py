"""Tries that are counted: never more than the limit says, however they come."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import argon2
import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.app import create_app
from portal.demo.authenticator import Authenticator
from portal.desk import attempts, links, tables
from portal.desk.attempts import ACCOUNT, Limit
from portal.extensions import db
from portal.identity import hashing, passkeys
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.conftest import make_settings
from tests.portal.ledger import history
from tests.portal.test_passwords import TEXT, Holder, comes_in, holder, page, sign_in

KEY = attempts.of_address("d" * 64)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "HASHER", argon2.PasswordHasher(1, 64, 1))


def _until_open(travel: time_machine.Traveller) -> int:
    """Seconds until a try is allowed again, by trying each second; the try is taken."""
    for seconds in range(1, 4000):
        travel.shift(timedelta(seconds=1))
        if attempts.take(KEY, ACCOUNT).allowed:
            return seconds
    raise AssertionError("shut for good")


def test_after_five_each_wait_is_twice_the_last(either_app: Flask) -> None:
    """Five at once, then one after one minute, two, four, up to an hour; a day of quiet forgets."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        taken = [attempts.take(KEY, ACCOUNT) for _ in range(7)]
        assert [t.allowed for t in taken] == [True] * 5 + [False] * 2
        assert [t.number for t in taken] == [1, 2, 3, 4, 5, 0, 0]
        assert len({(t.id, t.since) for t in taken[:5]}) == 1
        waits = [_until_open(travel) for _ in range(8)]
        assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
        travel.shift(timedelta(days=1, seconds=1))
        assert [attempts.take(KEY, ACCOUNT).number for _ in range(6)] == [1, 2, 3, 4, 5, 0]


def test_tries_far_apart_do_not_add_up(either_app: Flask) -> None:
    """Four in a quarter of an hour, again and again, shut nothing."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        for _ in range(5):
            assert [attempts.take(KEY, ACCOUNT).number for _ in range(4)] == [1, 2, 3, 4]
            travel.shift(timedelta(minutes=15, seconds=1))


def test_no_more_get_through_at_once_than_may(either_app: Flask) -> None:
    """Sixteen tries at one moment: five are allowed, each with a number of its own; and of eight
    when it opens again, one."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        works = [lambda: attempts.take(KEY, ACCOUNT)]
        found = history.at_once(either_app, works * 16)
        assert sorted(t.number for t in found) == [0] * 11 + [1, 2, 3, 4, 5]
        travel.shift(timedelta(seconds=60))
        found = history.at_once(either_app, works * 8)
        assert sorted(t.number for t in found) == [0] * 7 + [6]


def test_what_succeeded_is_given_back_once_each(either_app: Flask) -> None:
    """Eight successes at one moment leave the two failures that were; a key that was shut by a
    success is open again."""
    limit = Limit(10)
    for _ in range(10):
        assert attempts.take(KEY, limit).allowed
    assert not attempts.take(KEY, limit).allowed
    history.at_once(either_app, [lambda: attempts.give_back(KEY, limit)] * 8)
    assert [attempts.take(KEY, limit).number for _ in range(2)] == [3, 4]


def test_a_restart_forgets_nothing(app: Flask, tmp_path: Path) -> None:
    """What one process counted, the next one knows."""
    for _ in range(5):
        attempts.take(KEY, ACCOUNT)
    db.engine.dispose()
    again = create_app(make_settings(tmp_path))
    with again.app_context():
        assert not attempts.take(KEY, ACCOUNT).allowed
        db.engine.dispose()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("192.0.2.1", "192.0.2.254", True), ("192.0.2.1", "192.0.3.1", False),
     ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
     ("2001:db8:0:1::1", "2001:db8:0:2::1", False), ("::ffff:192.0.2.7", "192.0.2.9", True),
     ("fe80::1%eth0", "fe80::2", True), (None, "no address", True), (None, "192.0.2.1", False)],
)  # fmt: skip
def test_a_network_is_a_24_or_a_64(
    app: Flask, one: str | None, other: str | None, same: bool
) -> None:
    """Neighbors count together, others apart, and the address is not in the key."""
    keys = [attempts.of_network("link", a) for a in (one, other)]
    assert (keys[0] == keys[1]) is same
    assert all(re.fullmatch("link:(unknown|[0-9a-f]{64})", key) for key in keys)


def test_the_right_password_waits_as_well(web: Flask, cheap: None) -> None:
    """After five failures neither the right one nor a recovery code is taken, in the same words,
    until the minute is over; the person gets one mail, a stranger's address none."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        pat = holder(travel)
        for address in (pat.address, "nobody@people.example"):
            for _ in range(6):
                client, where = sign_in(web, address, TEXT, "000000")
        wrong = page(web, client, where).text
        for code in (pat.code, pat.codes[0]):
            client, where = sign_in(web, pat.address, TEXT, code)
            assert page(web, client, where).text.count("was wrong") == wrong.count("was wrong") == 1
            assert page(web, client, "/account").status_code == 302
        while run.run_due():
            pass
        told = [m for m in mail.captured() if "failed too often" in m.subject]
        assert [m.to for m in told] == [pat.address]
        travel.shift(timedelta(seconds=61))
        assert comes_in(web, pat.address, TEXT, pat.code)
        assert comes_in(web, pat.address, TEXT, pat.codes[0])  # success forgets the failures


def _shut(web: Flask, pat: Holder) -> None:
    for _ in range(5):
        assert not comes_in(web, pat.address, TEXT, "000000")
    assert not comes_in(web, pat.address, TEXT, pat.codes[1])


def test_a_mailed_link_works_and_opens_it(web: Flask, cheap: None) -> None:
    """While the password is shut, the link signs in, and from then on the password does."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        pat = holder(travel)
        _shut(web, pat)
        found = links.for_mail(links.make(pat.address))
        assert found
        with Flask.app_context(web):
            assert web.test_client().post(f"/link/{found[2]}").status_code == 302
        assert comes_in(web, pat.address, TEXT, pat.code)


def test_a_passkey_works_and_opens_it(web: Flask, cheap: None) -> None:
    """While the password is shut, the passkey signs in, and from then on the password does."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        pat, device = holder(travel), Authenticator()
        origin = "http://localhost:8000"
        options = json.loads(passkeys.registration_options(pat.actor, "Pat"))
        passkeys.register(pat.actor, device.register(options, origin), "Key")
        _shut(web, pat)
        client = web.test_client()
        with Flask.app_context(web):
            asked = client.post("/sign-in/passkey/options").get_json()
            answer = device.sign_in(pat.actor.id, asked, origin)
            signed = client.post("/sign-in/passkey", data={"credential": answer})
        assert signed.status_code == 302
        assert comes_in(web, pat.address, TEXT, pat.code)


@pytest.mark.parametrize(
    ("path", "form", "most"),
    [("/sign-in", {"email": "x@people.example"}, 60),
     ("/sign-in/password", {"email": "x@people.example", "password": TEXT}, 60),
     ("/sign-in/passkey", {"credential": "{}"}, 300)],
)  # fmt: skip
def test_a_network_that_floods_waits(
    web: Flask, cheap: None, path: str, form: dict[str, str], most: int
) -> None:
    """After its many tries the network is told to wait, another one is served, and so is this one
    after its wait."""

    def ask(address: str) -> int:
        db.session.rollback()
        with Flask.app_context(web):
            return (
                web.test_client()
                .post(path, data=form, environ_base={"REMOTE_ADDR": address})
                .status_code
            )

    with time_machine.travel(clock.now(), tick=False) as travel:
        answers = [ask(f"192.0.2.{n % 250}") for n in range(most + 2)]
        assert 429 not in answers[:most]
        assert answers[most:] == [429, 429]
        assert ask("192.0.3.1") != 429
        travel.shift(timedelta(seconds=61))
        assert ask("192.0.2.1") != 429


def test_quiet_rows_are_pruned_and_shut_ones_stay(app: Flask) -> None:
    """A day later what was quiet is gone; what is shut or was tried lately is there."""
    with time_machine.travel(clock.now(), tick=False) as travel:
        builders.person("Pat")
        attempts.take(KEY, ACCOUNT)
        travel.shift(timedelta(hours=25))
        attempts.take("account:other", ACCOUNT)
        assert attempts.prune() == 1
        assert [r[0] for r in history.rows(tables.attempts)["attempts"]] == ["account:other"]
