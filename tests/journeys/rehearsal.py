"""The demo's stage inside the test's own process, whose clock a test can move."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from portal import clock, ids, vault
from portal.boards import organizations
from portal.demo.stage import Stage
from portal.desk import links
from portal.extensions import db
from portal.ledger import outbox, perform
from portal.tasks import run
from tests import builders
from workflows.actors import Actor, Strength
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.register import Register


class Rehearsal(Stage):
    """A stage whose web server and worker are threads here, so that `time_machine` moves theirs,
    too. Requests are real ones over loopback, and jobs are worked without anybody's asking.
    """

    app: Flask

    def __init__(self, folder: Path, port: int, *, fresh: bool = False) -> None:
        super().__init__(folder, port, fresh=fresh)
        self._hands, self._over = threading.Lock(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._server: BaseWSGIServer | None = None

    def _spawn(self, module: str, *arguments: str) -> None:
        if "serve" in arguments:
            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            self._server = make_server("127.0.0.1", self.port, self.app, threaded=True)
            self._begin(self._server.serve_forever)
        elif "worker" in arguments:
            outbox.ring.clear()  # the bell of an app whose broker nobody listens to
            self._begin(self._work)
        else:
            super()._spawn(module, *arguments)

    def _begin(self, what: object) -> None:
        thread = threading.Thread(target=what, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while not self._over.wait(0.1):
            with self._hands, self.app.app_context():
                run.run_due()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The worker does nothing: what is seen, a request has done."""
        with self._hands:
            yield

    @contextmanager
    def backstage(self) -> Iterator[None]:
        """Commands beside the pages, while the worker rests: it would do some of it first."""
        with self._hands, self.app.app_context():
            yield
            db.session.remove()

    def lower_curtain(self) -> None:
        self._over.set()
        if self._server:
            self._server.shutdown()
        for thread in self._threads:
            thread.join(10)
        if self._server:
            self._server.server_close()
        super().lower_curtain()


def person(address: str) -> Actor:
    """Whoever signed up with the address, as commands know them."""
    account = links.account_of(address) or ""
    return Actor(account, memberships=organizations.of(account), strength=Strength.PASSKEY)


def found(name: str, owner: str, **others: str) -> str:
    """An organization of people who signed up: the owner's address, and role=address."""
    org_id = ids.new("org")
    perform(Register(org_id, name=vault.put(org_id, name)), person(owner))
    for role, address in others.items():
        invitation, kept = ids.new("inv"), vault.put(org_id, address)
        perform(Invite(org_id, invitation, kept, role, clock.iso_in(days=7)), person(owner))
        perform(AcceptInvitation(org_id, invitation), person(address))
    return org_id


def give_access(org_id: str, owner: str, audience: str) -> str:
    """A grant by the whole way, and an approved service that honors it; the grant's id."""
    people = builders.staff()
    builders.service(people, audience)
    org = builders.Org(org_id, person(owner), "Harbor CERT", "harborcert.example", "")
    return builders.grant(org, people)
