"""Where a person is signed in: they see it, end it, and nobody else does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock, vault
from portal.boards import accounts
from portal.desk import passkey_uses, sessions
from portal.identity import devices
from portal.ledger import perform
from tests import builders
from tests.portal.people import ask, look, signed_in, visit
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.actors import Actor, Strength, operator

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox on Windows"), (CHROME, "Chrome on Android"), (EDGE, "Edge on Windows"),
     (SAFARI, "Safari on iPhone"), ("", "A browser"), ("x" * 10_000, "A browser"),
     ("<script>Linux", "A browser on Linux")],
)  # fmt: skip
def test_a_browser_is_told_by_family_and_system(agent: str, words: str) -> None:
    """Of what a browser says of itself only known words are kept, however long or odd it is."""
    assert devices.describe(agent) == words


def test_signing_out_there_ends_it_there(web: Flask) -> None:
    """A person sees both sign-ins, ends one, and its very next request is sent to sign in."""
    pat = builders.person("Pat")
    other = signed_in(web, pat)
    here = signed_in(web, pat)
    with Flask.app_context(web):
        page = here.get("/account/devices").text
    assert page.count("(this one)") == 1
    [session] = re.findall(r"/account/devices/(ses_[0-9a-f]+)/end", page)
    assert visit(web, other, "/account") == 200
    assert visit(web, here, f"/account/devices/{session}/end", "POST") == 302
    assert visit(web, other, "/account") == 302
    assert visit(web, here, "/account") == 200


def test_everywhere_else_spares_this_one(web: Flask) -> None:
    """Three other sign-ins end at once; the one that asked goes on, and so do other people's."""
    pat, kim = builders.person("Pat"), builders.person("Kim")
    others = [signed_in(web, pat) for _ in range(3)]
    kims, here = signed_in(web, kim), signed_in(web, pat)
    assert visit(web, here, "/account/devices/end-others", "POST") == 302
    assert [visit(web, c, "/account") for c in others] == [302] * 3
    assert visit(web, here, "/account") == visit(web, kims, "/account") == 200


def test_a_copied_cookie_ends_with_everywhere_else(web: Flask) -> None:
    """A thief shares the row of the sign-in that they copied: its person goes on, the copy does
    not, and the sign-in is as old as it was."""
    pat = builders.person("Pat")
    here = signed_in(web, pat)
    with here.session_transaction() as session:
        token = session["_user_id"]
    copy = web.test_client()
    with copy.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    [before] = sessions.of(pat.id, token)
    assert visit(web, copy, "/account") == 200
    assert visit(web, here, "/account/devices/end-others", "POST") == 302
    assert visit(web, copy, "/account") == 302
    assert visit(web, here, "/account") == 200
    [after] = sessions.of(pat.id, "")
    assert (after.id, after.started_at) == (before.id, before.started_at)


def test_anothers_session_is_no_session(web: Flask) -> None:
    """Somebody else's session answers like one that does not exist, and stays."""
    pat, thief = builders.person("Pat"), builders.person("Thief")
    token = sessions.start(pat.id, Strength.PASSKEY)
    [row] = sessions.of(pat.id, token)
    for session_id in (row.id, "ses_" + "0" * 32):
        assert ask(web, thief, f"/account/devices/{session_id}/end").status_code == 404
    assert sessions.find(token) is not None
    assert row.id not in look(web, thief, "/account/devices")


@pytest.mark.parametrize(("roles", "minutes"), [((), 120), (("reviewer",), 15)])
def test_silence_ends_a_sign_in(web: Flask, roles: tuple[str, ...], minutes: int) -> None:
    """Just before the limit a request is served, just after it is not, nor is the one after."""
    person = builders.person("Pat", roles=roles)
    with time_machine.travel(clock.now(), tick=False) as travel:
        browser = signed_in(web, person)
        for _ in range(2):
            travel.shift(timedelta(minutes=minutes))
            assert visit(web, browser, "/account") == 200
        travel.shift(timedelta(minutes=minutes, seconds=1))
        for _ in range(2):
            assert visit(web, browser, "/account") == 302


def test_who_becomes_staff_is_held_to_their_limit_at_once(web: Flask) -> None:
    """A sign-in that was silent for 20 minutes ends with the appointment of its person."""
    person = builders.person("Pat")
    with time_machine.travel(clock.now(), tick=False) as travel:
        browser = signed_in(web, Actor(person.id))
        travel.shift(timedelta(minutes=20))
        perform(Appoint(person.id, "intake"), operator("tests"))
        assert visit(web, browser, "/account") == 302


def test_a_removed_passkey_signs_out_everywhere_else(web: Flask) -> None:
    """After the removal the other sign-in is gone, the passkey is unknown, and this one goes on."""
    pat = builders.person("Pat")
    for name in ("b25l", "dHdv"):
        label = vault.put(pat.id, f"Key {name}")
        perform(AddPasskey(pat.id, name, "Y29zZQ", "00" * 16, False, label), pat)
    passkey_uses.used("b25l", 1)
    other = signed_in(web, pat)
    assert "Key b25l" in look(web, pat, "/account")
    assert ask(web, pat, "/account/passkeys/remove", passkey="b25l").status_code == 302
    assert visit(web, other, "/account") == 302
    assert accounts.passkey("b25l") is None
    assert passkey_uses.last_used(["b25l"]) == {}
    assert "Key b25l" not in look(web, pat, "/account")
    assert ask(web, pat, "/account/passkeys/remove", passkey="dHdv").status_code == 409


def test_a_passkey_is_renamed_and_its_former_name_is_gone(web: Flask) -> None:
    """The page shows the new name; the former one left the vault, with the salt of its digest.
    An empty or long name changes nothing, and somebody else's passkey is none."""
    actor, other = builders.person("Pat"), builders.person("Other")
    label = vault.put(actor.id, "Old name")
    perform(AddPasskey(actor.id, "cmVuYW1l", "Y29zZQ", "00" * 16, True, label), actor)
    path = "/account/passkeys/rename"
    for wrong in ("", " ", "x" * 81):
        ask(web, actor, path, passkey="cmVuYW1l", label=wrong)
        assert vault.text(label.id) == "Old name"
    assert ask(web, other, path, passkey="cmVuYW1l", label="Mine").status_code == 404
    weak = ask(web, actor, path, Strength.LINK, passkey="cmVuYW1l", label="Mine")
    assert weak.status_code == 403
    assert ask(web, actor, path, passkey="cmVuYW1l", label=" Blue key ").status_code == 302
    page = look(web, actor, "/account")
    assert "Blue key" in page
    assert "Old name" not in page
    assert vault.read(label.id) is None
