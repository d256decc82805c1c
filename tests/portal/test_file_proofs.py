"""A file on a domain's web server proves it as a DNS record does: real https, well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from portal import clock, outgoing
from portal.boards import applications, domains
from portal.demo.dns import DnsResponder, Mood
from portal.evidence import well_known
from portal.evidence.domains import MISSING_DAYS, SILENT_DAYS
from portal.installation import settings
from portal.tasks import clockwork
from tests import builders
from tests.portal import web_servers
from tests.portal.people import ask, look
from tests.portal.sign_on import events_of
from tests.portal.test_domains import check, look_daily, publish, work
from tests.portal.web_servers import WebServer
from workflows.checks.domain_control import CHALLENGE
from workflows.organization.proofs import PATH, FileOutcome, words

DOMAIN = "harborcert.example"


@pytest.fixture
def responder(house: Flask) -> Iterator[DnsResponder]:
    with DnsResponder() as running:
        settings().dns_nameservers = [running.address]
        yield running


@pytest.fixture
def web(
    responder: DnsResponder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WebServer]:
    with web_servers.standing(tmp_path, DOMAIN) as server:
        web_servers.point(monkeypatch, server, DOMAIN)
        yield server


def page(app: Flask, org: builders.Org) -> str:
    return look(app, org.owner, f"/organizations/{org.id}")


def row(org: builders.Org) -> object:
    return domains.claim_for_robot(org.id, org.domain)


def test_the_file_alone_proves_and_the_page_says_which(house: Flask, web: WebServer) -> None:
    """Both ways stand side by side; the file is found, the event says so, no record is needed."""
    org = builders.organization()
    before = page(house, org)
    assert f"https://{DOMAIN}{PATH}" in before
    assert f"{CHALLENGE}.{DOMAIN}" in before
    web.text = f"  {org.token}\r\n"
    check(house, org)
    proven = domains.claim_for_robot(org.id, org.domain)
    assert proven is not None
    assert (bool(proven.verified_at), proven.proof) == (True, "file")
    assert "by the file on its web server" in page(house, org)
    assert web.asked == [(f"{DOMAIN}:{web.port}", PATH)]


def test_the_record_is_asked_for_first(
    house: Flask, web: WebServer, responder: DnsResponder
) -> None:
    """Where the record is the proof, no request goes to the web server at all."""
    org = builders.organization()
    publish(responder, org)
    check(house, org)
    assert domains.claim_for_robot(org.id, org.domain).proof == "dns"  # type: ignore[union-attr]
    assert web.asked == []


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        (web_servers.Mood.INSIDE, FileOutcome.REDIRECTED),
        (web_servers.Mood.WWW, FileOutcome.REDIRECTED),
        (web_servers.Mood.ENDLESS, FileOutcome.TOO_LARGE),
        (web_servers.Mood.SLOW, FileOutcome.TIMEOUT),
        (web_servers.Mood.HEADS, FileOutcome.TIMEOUT),
        (web_servers.Mood.PAGE, FileOutcome.ANSWERED),
        (web_servers.Mood.BOMB, FileOutcome.COMPRESSED),
        (web_servers.Mood.DENIES, FileOutcome.NOT_GIVEN),
        (web_servers.Mood.BROKEN, FileOutcome.SERVER_ERROR),
        (web_servers.Mood.WELL, FileOutcome.NO_FILE),
    ],
)
def test_a_server_that_misbehaves_proves_nothing_and_is_named(
    house: Flask,
    web: WebServer,
    monkeypatch: pytest.MonkeyPatch,
    mood: web_servers.Mood,
    outcome: FileOutcome,
) -> None:
    """Each is cut off in size and time, nothing is followed, and the page says what was found."""
    monkeypatch.setattr(outgoing, "SECONDS", 0.6)
    org = builders.organization()
    web.mood = mood
    check(house, org)
    assert not domains.claim_for_robot(org.id, org.domain).verified_at  # type: ignore[union-attr]
    assert [path for _, path in web.asked] == [PATH]
    shown = page(house, org)
    assert words(outcome).replace("'", "&#39;") in shown
    assert web_servers.SECRET not in shown


@pytest.mark.parametrize("change", ["upper", "quoted", "more", "two lines"])
def test_the_text_is_the_token_and_nothing_else(house: Flask, web: WebServer, change: str) -> None:
    """Another case, quotes, more words or a second line prove nothing."""
    org = builders.organization()
    web.text = {
        "upper": org.token.upper(),
        "quoted": f'"{org.token}"',
        "more": f"token={org.token}",
        "two lines": f"{org.token}\n{org.token}",
    }[change]
    check(house, org)
    assert not domains.claim_for_robot(org.id, org.domain).verified_at  # type: ignore[union-attr]


def test_a_certificate_must_hold(
    house: Flask, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right text behind a certificate that nobody vouches for, or for another name, is no
    proof."""
    org, other = builders.organization(), builders.organization("Other", "other.example")
    web.text = other.token
    web_servers.point(monkeypatch, web, other.domain)
    assert well_known.fetch(other.domain).outcome is FileOutcome.CERTIFICATE
    web.text = org.token
    assert well_known.fetch(org.domain).text == org.token
    monkeypatch.setattr(well_known, "TRUSTED", True)
    assert well_known.fetch(org.domain).outcome is FileOutcome.CERTIFICATE


def test_a_domain_that_leads_inside_is_not_asked(house: Flask, web: WebServer) -> None:
    """With no private destination allowed, a domain on a loopback address gets no request."""
    settings().private_destinations = []
    assert well_known.fetch(DOMAIN).outcome is FileOutcome.NOT_PUBLIC
    assert web.asked == []


def test_the_file_is_looked_at_daily_and_lapses_as_a_record_does(
    house: Flask, web: WebServer
) -> None:
    """Gone for two days begins the grace; put back, it is restored, and each event says how."""
    org = builders.organization()
    web.text = org.token
    check(house, org)
    web.text = None
    for day, _ in enumerate(look_daily(MISSING_DAYS + 3), 1):
        lapsed = bool(domains.claim_for_robot(org.id, org.domain).grace_until)  # type: ignore[union-attr]
        if day == MISSING_DAYS + 1:
            assert lapsed
            assert "Proof missing" in page(house, org)
            web.text = org.token
            check(house, org)
            lapsed = bool(domains.claim_for_robot(org.id, org.domain).grace_until)  # type: ignore[union-attr]
        assert not lapsed, day
    told = [name for name in events_of(org.id) if name.startswith("Domain")]
    assert told[-3:] == ["DomainVerified", "DomainLapsed", "DomainRestored"]


def test_a_web_server_that_is_down_is_waited_for(house: Flask, web: WebServer) -> None:
    """Proven by the file alone, a domain whose server fails is unreachable, not without proof."""
    org = builders.organization()
    web.text = org.token
    check(house, org)
    web.mood = web_servers.Mood.BROKEN
    for day, _ in enumerate(look_daily(SILENT_DAYS + 2), 1):
        claim = domains.claim_for_robot(org.id, org.domain)
        assert bool(claim and claim.grace_until) is (day > SILENT_DAYS), day


def test_one_way_goes_over_into_the_other(
    house: Flask, web: WebServer, responder: DnsResponder
) -> None:
    """A record in place of the file, and back again, costs nothing; what counts as missing is what
    was found last."""
    org = builders.organization()
    web.text = org.token
    check(house, org)
    publish(responder, org)
    web.text, web.mood = None, web_servers.Mood.BROKEN
    for day, _ in enumerate(look_daily(MISSING_DAYS + 3), 1):
        claim = domains.claim_for_robot(org.id, org.domain)
        assert claim is not None
        if day == 1:
            responder.remove(f"{CHALLENGE}.{org.domain}")
        # The record was the proof at the last good look: that the server is down excuses nothing.
        assert bool(claim.grace_until) is (day > MISSING_DAYS + 1), day


def test_days_without_a_network_of_ours_do_not_count(
    house: Flask, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither name server nor web server was reached: weeks of that are no lapse."""
    org = builders.organization()
    web.text = org.token
    check(house, org)
    settings().dns_nameservers = ["127.0.0.1:9"]
    monkeypatch.setattr("portal.evidence.dns._what_happened", lambda _: "network")
    monkeypatch.setattr(well_known, "PORT", 9)
    for _ in look_daily(SILENT_DAYS + 2):
        assert not domains.claim_for_robot(org.id, org.domain).grace_until  # type: ignore[union-attr]


def test_silent_name_servers_do_not_hide_the_file(
    house: Flask, web: WebServer, responder: DnsResponder
) -> None:
    """Either proof is enough, whatever became of the other."""
    org = builders.organization()
    web.text = org.token
    responder.mood = Mood.SERVFAIL
    check(house, org)
    assert domains.claim_for_robot(org.id, org.domain).verified_at  # type: ignore[union-attr]


def test_a_contest_by_file_says_so_to_staff(house: Flask, web: WebServer) -> None:
    """The second to prove a domain waits for staff, who see by what it was shown."""
    manager = builders.person("Mo", roles=("program_manager",))
    first, second = builders.organization(), builders.organization("Newer Owner")
    for org in (first, second):
        web.text = org.token
        check(house, org)
    assert "Held by another" in page(house, second)
    assert "a file on the web server" in look(house, manager, "/staff/domains")
    sent = {"domain": DOMAIN, "challenger": second.id, "winner": second.id}
    assert ask(house, manager, "/staff/domains/settle", **sent).status_code == 302
    claim = domains.claim_for_robot(second.id, DOMAIN)
    assert claim is not None
    assert (bool(claim.verified_at), claim.proof) == (True, "file")


def test_an_application_s_check_takes_either(house: Flask, web: WebServer) -> None:
    """The check of a submitted application finds the file, passes, and proves the domain."""
    org = builders.organization()
    web.text = org.token
    application = builders.submit(org)
    work()
    found = {c.check: c.verdict for c in applications.checks_of(application, org.owner)}
    assert found["domain_control"] == "pass"
    assert domains.claim_for_robot(org.id, DOMAIN).proof == "file"  # type: ignore[union-attr]


def test_a_claim_made_anew_forgets_what_was_found(house: Flask, web: WebServer) -> None:
    """The old value proves nothing of the new claim, and the page shows no old look."""
    org = builders.organization()
    check(house, org)
    assert "Not found" in page(house, org)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=True):
        web.text = org.token
        check(house, org)
        assert not domains.claim_for_robot(org.id, DOMAIN).verified_at  # type: ignore[union-attr]
        assert "Make a new value" in page(house, org)
        ask(house, org.owner, f"/organizations/{org.id}/domains", domain=DOMAIN)
        shown = page(house, org)
        assert "Not found" not in shown
        assert org.token not in shown
        check(house, org)
        assert not domains.claim_for_robot(org.id, DOMAIN).verified_at  # type: ignore[union-attr]
        assert clockwork.look_at_domains() == 0
