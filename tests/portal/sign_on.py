"""An organization with a provider of its own, and browsers that go there and come back."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from portal import clock, vault
from portal.desk import client_secrets, links, sessions
from portal.extensions import db
from portal.identity import client_keys
from portal.ledger import outbox, perform
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.conftest import make_app, make_settings
from tests.portal.ledger import history
from tests.portal.provider import CLIENT, SECRET, Provider
from workflows.account.commands.add_passkey import AddPasskey
from workflows.actors import Actor, Strength, robot
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.verify_domain import VerifyDomain

ANN = "ann@harborcert.example"


@contextmanager
def portal(folder: Path, **more: object) -> Iterator[Flask]:
    """A portal that may ask a provider on loopback."""
    allowed = {"private_destinations": ["127.0.0.0/8"]} | more
    app = make_app(make_settings(folder, **allowed))
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    outbox.ring.clear()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def give_passkey(person: Actor) -> None:
    """A passkey on the account, taken on trust."""
    label = vault.put(person.id, "Key")
    perform(
        AddPasskey(person.id, secrets.token_urlsafe(16), "Y29zZQ", "00" * 16, False, label), person
    )


def proven(name: str = "Harbor CERT", domain: str = "harborcert.example") -> builders.Org:
    """An organization whose domain is proven and whose owner has a passkey."""
    org = builders.organization(name, domain)
    perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), robot("dns"))
    give_passkey(org.owner)
    return org


def configure(
    org: builders.Org, provider: Provider, authentication: str = "private_key_jwt", **more: Any
) -> None:
    whole = {"client_id": CLIENT, "counts_as_passkey": False} | more
    perform(
        ConfigureSignOn(org.id, provider.issuer, authentication=authentication, **whole),
        builders.again(org.owner),
    )
    if authentication == "client_secret":
        client_secrets.keep(org.id, authentication, SECRET)
    else:
        client_keys.make(org.id)


@dataclass
class Browser:
    """One browser before the portal, with its cookies; each request in a context of its own."""

    app: Flask

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def ask(self, path: str, method: str = "GET", **form: str) -> TestResponse:
        db.session.rollback()
        with Flask.app_context(self.app):
            answer = self.client.open(path, method=method, data=form or None)
        db.session.rollback()
        return answer

    def post(self, path: str, **form: str) -> TestResponse:
        return self.ask(path, "POST", **form)

    def start(self, org: builders.Org) -> str:
        """The URL at the provider that the portal's page links to."""
        page = self.ask(f"/sign-on/{org.id}/start")
        assert page.status_code == 200, page.text
        found = re.search(r'href="(http://127\.0\.0\.1:[^"]+)"', page.text)
        assert found
        return html.unescape(found[1])

    def through(self, org: builders.Org, provider: Provider) -> TestResponse:
        """There and back; the portal's answer to what the provider sent."""
        return self.ask(provider.authorize(self.start(org)))

    def sign_in(self, person: Actor, strength: Strength = Strength.PASSKEY) -> None:
        """As the person does in their usual way, keeping what this browser holds."""
        token = sessions.start(person.id, strength)
        with self.client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True

    def who(self) -> str:
        """Whom the account page greets; "" when nobody is signed in."""
        page = self.ask("/account")
        found = re.search(r'<p class="lead">([^<]*)</p>', page.text)
        return html.unescape(found[1]) if page.status_code == 200 and found else ""


def events_of(*streams: str) -> list[str]:
    return [name for stream in streams for name in history.entries(stream)]


def account(address: str = ANN) -> str:
    return links.account_of(address) or ""


def mails_to(address: str) -> list[str]:
    """Texts of the mails to an address, after all work is done."""
    while run.run_due():
        pass
    return [m.text for m in mail.captured() if m.to == address]
