"""Domains through the doors, with real DNS on loopback: proven, lapsed, lost, wanted by two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.boards import domains, grants, organizations
from portal.demo.dns import DnsResponder, Mood
from portal.evidence.domains import GRACE_DAYS, MISSING_DAYS, SILENT_DAYS
from portal.installation import settings
from portal.notices import mail
from portal.tasks import clockwork, run
from portal.zones.defender.joining import REQUEST_DAYS
from tests import builders
from tests.portal.people import ask, look
from workflows.checks.domain_control import CHALLENGE


@pytest.fixture
def responder(web: Flask) -> Iterator[DnsResponder]:
    with DnsResponder() as running:
        settings().dns_nameservers = [running.address]
        yield running


def work() -> None:
    while run.run_due():
        pass


def publish(responder: DnsResponder, org: builders.Org) -> None:
    responder.set_txt(f"{CHALLENGE}.{org.domain}", org.token)


def check(app: Flask, org: builders.Org) -> None:
    path = f"/organizations/{org.id}/domains/{org.domain}/check"
    assert ask(app, org.owner, path).status_code == 302


def look_daily(days: int) -> Iterator[None]:
    """Step through the days, with the hourly work once a day; the time stays at each step."""
    start = clock.now()
    for day in range(1, days + 1):
        with time_machine.travel(start + timedelta(days=day, minutes=day), tick=True):
            clockwork.look_at_domains()
            work()
            yield


def subjects(org: builders.Org) -> list[str]:
    return [m.subject for m in mail.captured() if "domain" in m.subject]


def test_a_domain_whose_proof_is_gone_costs_access_only_after_its_grace(
    web: Flask, responder: DnsResponder
) -> None:
    """Notice after two days, a reminder, suspension at the end; every step on the page, and what
    is suspended stays so until a person gives it back."""
    people, org = builders.staff(), builders.organization()
    publish(responder, org)
    check(web, org)
    grant = builders.grant(org, people)
    responder.remove(f"{CHALLENGE}.{org.domain}")
    days = enumerate(look_daily(MISSING_DAYS + GRACE_DAYS + 3), 1)
    for day, _ in days:
        row = domains.claim_for_robot(org.id, org.domain)
        assert row is not None
        if day <= MISSING_DAYS:
            assert row.grace_until == ""
        if day == MISSING_DAYS + 1:
            assert "Proof missing" in look(web, org.owner, f"/organizations/{org.id}")
            assert grants.get(grant, org.owner).status == "active"
    assert row.verified_at == ""
    assert (grants.get(grant, org.owner).status, grants.get(grant, org.owner).reason) == (
        "suspended", "domain_lost",
    )  # fmt: skip
    assert sorted(subjects(org)) == [
        "A domain is no longer proven, and what rested on it is suspended",
        "The proof of your domain is gone; put it back to keep your access",
        "The proof of your domain is still gone; access ends in a week",
    ]


def test_put_back_in_time_nothing_is_lost(web: Flask, responder: DnsResponder) -> None:
    """The daily look, or the button, finds it again; the end of the former grace does nothing."""
    people, org = builders.staff(), builders.organization()
    publish(responder, org)
    check(web, org)
    grant = builders.grant(org, people)
    responder.remove(f"{CHALLENGE}.{org.domain}")
    for day, _ in enumerate(look_daily(MISSING_DAYS + GRACE_DAYS + 3), 1):
        if day == MISSING_DAYS + 2:
            check(web, org)
            assert domains.claim_for_robot(org.id, org.domain).grace_until  # type: ignore[union-attr]
            publish(responder, org)
            check(web, org)
            assert not domains.claim_for_robot(org.id, org.domain).grace_until  # type: ignore[union-attr]
    assert grants.get(grant, org.owner).status == "active"
    assert domains.claim_for_robot(org.id, org.domain).verified_at  # type: ignore[union-attr]


def test_name_servers_that_do_not_answer_are_waited_for(
    web: Flask, responder: DnsResponder
) -> None:
    """An outage of days costs nothing; one of a fortnight begins the grace."""
    org = builders.organization()
    publish(responder, org)
    check(web, org)
    responder.mood = Mood.SERVFAIL
    for day, _ in enumerate(look_daily(SILENT_DAYS + 2), 1):
        row = domains.claim_for_robot(org.id, org.domain)
        assert bool(row and row.grace_until) is (day > SILENT_DAYS), day


def test_what_is_broken_here_costs_nobody_anything(web: Flask, responder: DnsResponder) -> None:
    """Weeks in which this machine reached no name server, or nobody looked at all, do not count:
    the first look that misses the proof begins the two days."""
    org = builders.organization()
    publish(responder, org)
    check(web, org)
    working = settings().dns_nameservers
    settings().dns_nameservers = ["127.0.0.1:9"]  # nobody listens there
    for _ in look_daily(2):
        row = domains.claim_for_robot(org.id, org.domain)
        assert row is not None
    settings().dns_nameservers = working
    responder.remove(f"{CHALLENGE}.{org.domain}")
    with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
        clockwork.look_at_domains()
        work()
        assert domains.claim_for_robot(org.id, org.domain).grace_until == ""  # type: ignore[union-attr]


def test_a_domain_is_looked_at_once_a_day(web: Flask, responder: DnsResponder) -> None:
    """Hourly work asks for a look only where nobody looked for a day."""
    org = builders.organization()
    publish(responder, org)
    check(web, org)
    assert clockwork.look_at_domains() == 0
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        assert clockwork.look_at_domains() == 1
        work()
        assert clockwork.look_at_domains() == 0


def test_two_proven_domains_carry_a_grant_together(web: Flask, responder: DnsResponder) -> None:
    """With another that stood when the grant was opened nothing is held; one proven later does
    not carry it."""
    people, org = builders.staff(), builders.organization()
    publish(responder, org)
    check(web, org)
    for number, when in ((1, "before"), (2, "after")):
        if when == "after":
            grant = builders.grant(org, people)
        name = f"second{number}.example"
        ask(web, org.owner, f"/organizations/{org.id}/domains", domain=name)
        row = domains.claim_for_robot(org.id, name)
        assert row is not None
        responder.set_txt(f"{CHALLENGE}.{name}", row.token)
        assert ask(web, org.owner, f"/organizations/{org.id}/domains/{name}/check").status_code
    for name, status in ((org.domain, "active"), ("second1.example", "suspended")):
        ask(web, org.owner, f"/organizations/{org.id}/domains/{name}/drop")
        assert grants.get(grant, org.owner).status == status


@pytest.mark.parametrize("over", [True, False])
def test_a_domain_that_two_want_waits_for_staff(
    web: Flask, responder: DnsResponder, over: bool
) -> None:
    """The second is told that it is held, not by whom; staff hand it over or leave it."""
    manager = builders.person("Mo", roles=("program_manager",))
    first, second = builders.organization(), builders.organization("Newer Owner")
    publish(responder, first)
    check(web, first)
    responder.remove(f"{CHALLENGE}.{first.domain}")
    publish(responder, second)
    check(web, second)
    page = look(web, second.owner, f"/organizations/{second.id}")
    assert "Held by another" in page
    assert "Harbor CERT" not in page
    listed = look(web, manager, "/staff/domains")
    assert "Harbor CERT" in listed
    assert "Newer Owner" in listed
    sent = {"domain": first.domain, "challenger": second.id}
    path = "/staff/domains/settle"
    assert ask(web, manager, path, **sent | {"challenger": first.id}).status_code == 404
    assert ask(web, manager, path, **sent, winner=second.id if over else "holder").status_code
    holds = {org.id: domains.claim_for_robot(org.id, org.domain) for org in (first, second)}
    winner, loser = (second, first) if over else (first, second)
    assert holds[winner.id].verified_at  # type: ignore[union-attr]
    assert holds[loser.id] is None or not holds[loser.id].verified_at  # type: ignore[union-attr]
    assert "No domain is contested" in look(web, manager, "/staff/domains")


def test_a_colleague_at_the_domain_asks_and_is_let_in(web: Flask, responder: DnsResponder) -> None:
    """Found at home by the address alone, once the organization opened itself; a person from
    elsewhere finds nothing and gets the answer of a thing that is not there."""
    org = builders.organization()
    publish(responder, org)
    check(web, org)
    asks = builders.person("New Colleague", f"New@{org.domain.upper()}")
    other = builders.person("Somebody", f"new@sub.{org.domain}")
    path = f"/organizations/{org.id}/join"
    assert "is here" not in look(web, asks, "/defender")
    assert ask(web, asks, path).status_code == 404
    assert ask(web, org.owner, f"/organizations/{org.id}/joining", open="yes").status_code == 302
    assert "Harbor CERT is here" in look(web, asks, "/defender")
    assert "is here" not in look(web, other, "/defender")
    assert ask(web, other, path).status_code == 404
    assert ask(web, asks, path).status_code == 302
    assert "You asked to join" in look(web, asks, "/defender")
    assert "New Colleague" in look(web, org.owner, f"/organizations/{org.id}/members")
    assert organizations.of(asks.id) == {}
    with time_machine.travel(clock.now() + timedelta(days=REQUEST_DAYS + 1), tick=True):
        answer = ask(web, org.owner, f"{path}/{asks.id}/approve")
        assert answer.get_json()["code"] == "request_expired"
    assert ask(web, org.owner, f"{path}/{asks.id}/approve").status_code == 302
    assert organizations.of(asks.id) == {org.id: frozenset({"member"})}


def test_a_request_is_taken_back_or_declined_with_a_mail(
    web: Flask, responder: DnsResponder
) -> None:
    """Either way the organization's page is empty again, and the person may ask anew."""
    org = builders.organization()
    publish(responder, org)
    check(web, org)
    ask(web, org.owner, f"/organizations/{org.id}/joining", open="yes")
    asks = builders.person("New Colleague", f"new@{org.domain}")
    path = f"/organizations/{org.id}/join"
    for ending, by in ((f"{path}/withdraw", asks), (f"{path}/{asks.id}/decline", org.owner)):
        assert ask(web, asks, path).status_code == 302
        assert ask(web, by, ending).status_code == 302
        assert "New Colleague" not in look(web, org.owner, f"/organizations/{org.id}/members")
    work()
    told = [m.subject for m in mail.captured() if m.to == f"new@{org.domain}"]
    assert "A request to join an organization was declined" in told
