"""Clocks that are off: a portal's that steps back re-opens nothing, a provider's may be a little
ahead; and what is somebody else's proof proves nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.boards import domains, organizations
from portal.demo.dns import DnsResponder
from portal.desk import challenges, links, password_steps, replays
from portal.extensions import db
from portal.installation import settings
from portal.ledger.database import writing
from portal.tasks import clockwork
from tests import builders
from tests.portal.people import ask
from tests.portal.provider import Provider
from tests.portal.sign_on import Browser, configure, proven
from tests.portal.test_domains import check, publish
from tests.portal.test_members import invited
from workflows.organization.proofs import CHALLENGE


@contextmanager
def stepped(**delta: float) -> Iterator[None]:
    with time_machine.travel(clock.now() + timedelta(**delta), tick=True):
        yield


def test_a_link_that_was_used_stays_used(web: Flask) -> None:
    """Two minutes back, and at once after its very end, the mailed link signs nobody in again."""
    builders.person("Pat", "pat@people.example")
    found = links.for_mail(links.make("pat@people.example"))
    assert found is not None
    path = f"/link/{found[2]}"
    assert Browser(web).post(path).status_code == 302
    with stepped(minutes=-2):
        assert Browser(web).post(path).status_code == 404
    with stepped(minutes=links.MINUTES, seconds=1):
        clockwork.hourly()
    with stepped(minutes=links.MINUTES - 2):
        assert Browser(web).post(path).status_code == 404


def test_a_challenge_and_a_password_s_step_stay_spent(app: Flask) -> None:
    """Neither is good again when the clock steps back, nor for another purpose or person."""
    challenge = challenges.make("sign", "acc_1")
    for purpose, subject in (("sign", "acc_2"), ("register", "acc_1")):
        assert not challenges.spend(challenge, purpose, subject)
    step = password_steps.make("0" * 64, "sec_1")
    assert challenges.spend(challenge, "sign", "acc_1")
    assert password_steps.spend(step) is not None
    with stepped(minutes=-2):
        assert not challenges.spend(challenge, "sign", "acc_1")
        assert password_steps.spend(step) is None


def test_an_identifier_is_known_when_the_clock_steps_back(app: Flask) -> None:
    """A jti that expired and was pruned would be taken again two minutes earlier: it is kept for
    as long as a clock may step back, and forgotten then."""
    ends = clock.epoch() + 30

    def first() -> bool:
        with writing() as connection:
            return replays.first_time(connection, "assertion", "svc_1", "jti", expires=ends)

    assert first()
    with stepped(seconds=40):
        replays.prune()
    with stepped(minutes=-2):
        assert not first()
    with stepped(seconds=40 + replays.BACK_SECONDS):
        assert replays.prune() == 1


def test_an_invitation_is_answered_once_whatever_the_clock(web: Flask) -> None:
    """Accepted, left again, and the clock two minutes back: it lets nobody in a second time."""
    org, ann = builders.organization(), builders.person("Ann", "ann@people.example")
    invitation = invited(web, org, "ann@people.example")
    assert ask(web, ann, f"/invitations/{invitation}/accept").status_code == 302
    assert ask(web, ann, f"/organizations/{org.id}/leave").status_code == 302
    with stepped(minutes=-2):
        assert ask(web, ann, f"/invitations/{invitation}/accept").status_code == 404
    assert organizations.of(ann.id) == {}


def test_a_sign_on_is_taken_back_once_whatever_the_clock(house: Flask, provider: Provider) -> None:
    """The way back from a provider does not work again when the clock steps back."""
    org = proven()
    configure(org, provider)
    browser = Browser(house)
    back = provider.authorize(browser.start(org))
    assert browser.ask(back).status_code == 302
    with stepped(minutes=-2):
        assert browser.ask(back).status_code == 400


@pytest.mark.parametrize(("ahead", "status"), [(30, 302), (600, 400)])
def test_a_provider_s_clock_may_be_a_little_ahead(
    house: Flask, provider: Provider, ahead: int, status: int
) -> None:
    """An ID token of half a minute from now is taken; of ten minutes from now it is not."""
    org = proven()
    configure(org, provider)
    at = clock.epoch() + ahead
    lie: dict[str, Any] = {"iat": at, "exp": at + 300}
    provider.claims = lie
    browser = Browser(house)
    assert browser.through(org, provider).status_code == status
    assert bool(browser.who()) is (status == 302)


@pytest.mark.parametrize("where", ["its own domain", "ours"])
def test_another_organization_s_token_proves_nothing(web: Flask, where: str) -> None:
    """A token that was handed to somebody else, in our DNS or in theirs, proves nothing for us."""
    org = builders.organization()
    other = builders.organization("Other", "other.example")
    with DnsResponder() as responder:
        settings().dns_nameservers = [responder.address]
        if where == "ours":
            responder.set_txt(f"{CHALLENGE}.{org.domain}", other.token)
        else:
            publish(responder, other)
            path = f"/organizations/{org.id}/domains/{other.domain}/check"
            assert ask(web, org.owner, path).status_code == 302
        check(web, org)
    db.session.rollback()
    assert [d.verified_at for d in domains.of_organization(org.id, org.owner)] == [""]
    assert not domains.claim_for_robot(other.id, other.domain).verified_at  # type: ignore[union-attr]
