"""Personal text is nowhere in clear: not in a table, not in a file, not in a log line."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from portal import logs, vault
from portal.boards import applications, programs
from portal.desk import client_secrets, drafts, links, sign_on_subjects
from portal.extensions import db
from portal.installation import installation
from portal.issuing import keyring
from portal.ledger import perform
from portal.ledger.sequencer import place_all
from portal.notices import mail
from portal.tasks import clockwork, make_check, run
from portal.vault.tables import items
from tests import builders
from workflows.account.commands.link_sign_on import LinkSignOn
from workflows.actors import Actor
from workflows.application.commands.decide import Decide
from workflows.application.commands.review import Review
from workflows.application.commands.take_seat import TakeSeat
from workflows.grant.commands.suspend import Suspend

PLACES = (
    "name", "address", "organization", "answers", "file", "bigfile", "draft", "mail", "review",
    "letter", "note", "label", "suspension", "mailbox", "subject", "waiting", "secret",
)  # fmt: skip
CANARY = {place: f"Kanarek-{place}-7f3a" for place in PLACES}


def _put_canaries_everywhere() -> str:
    """Every kind of personal text that the portal takes, by the ways that it is taken."""
    people = builders.staff()
    org = builders.organization(CANARY["organization"])
    person = builders.person(CANARY["name"], f"{CANARY['address']}@people.example")
    application = builders.submit(org, sector=CANARY["answers"])
    vault.put(org.id, CANARY["file"].encode())
    vault.put(org.id, CANARY["bigfile"].encode() * 4000)
    draft = drafts.get(drafts.start(org.id, "cyber-defense", org.owner), org.owner)
    drafts.save(draft, {"use_case": CANARY["draft"]}, org.owner)
    mail.write("canary", person.id, f"{CANARY['mailbox']}@people.example", "Hello", CANARY["mail"])
    links.make(f"{CANARY['address']}@people.example")
    _sign_on(org, person.id)
    for check in ("completeness", "sanctions_name"):
        make_check.work({"application": application, "check": check, "round": "1"})
    builders.pass_checks(application, "domain_control")
    run.run_due(50)
    _review_and_decide(application, org, people)
    grant = applications.for_robot(application).grant_id
    perform(
        Suspend(grant, "under_investigation", vault.put(org.id, CANARY["suspension"])),
        people.manager,
    )
    run.run_due(50)
    clockwork.hourly()
    place_all()
    return org.id


def _sign_on(org: builders.Org, account: str) -> None:
    """What an organization's provider calls a person, linked and waiting; a client secret."""
    issuer, subject = "https://login.people.example", CANARY["subject"]
    sign_on_subjects.bind(issuer, subject, sign_on_subjects.Bound("sgn_1", account))
    kept = vault.put(account, subject)
    perform(LinkSignOn(account, "sgn_1", org.id, issuer, kept), Actor(account))
    waiting = sign_on_subjects.Pending(account, org.id, issuer, "portal", CANARY["waiting"])
    assert sign_on_subjects.waiting(sign_on_subjects.wait(waiting)) == waiting
    client_secrets.keep(org.id, "client_secret", CANARY["secret"])


def _review_and_decide(application: str, org: builders.Org, people: builders.Staff) -> None:
    scores = {c.id: 2 for c in programs.named("cyber-defense").rubric}
    for reviewer in people.reviewers:
        perform(TakeSeat(application, no_conflict=True), reviewer)
        word = vault.put(org.id, CANARY["review"])
        perform(Review(application, "approve", scores, word), reviewer)
    letter, note = vault.put(org.id, CANARY["letter"]), vault.put(org.id, CANARY["note"])
    expires = builders.clock.iso_in(days=90)
    perform(
        builders.signed(
            Decide(application, "approved", builders.ASKED, (), expires, builders.ids.new("gr"),
                   letter, note, None),
            people.decider,
        ),
        people.decider,
    )  # fmt: skip
    vault.put(org.id, CANARY["label"])


def _forms(canary: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in (canary, canary.lower(), canary.casefold()))


def _found_in(content: bytes) -> list[str]:
    return [p for p, canary in CANARY.items() if any(f in content for f in _forms(canary))]


def test_no_personal_text_lies_in_clear(
    either_app: Flask, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Every table of the database, every file of the data folder and every log line is searched."""
    caplog.set_level(logging.DEBUG)
    logs.configure(logging.DEBUG)  # to the captured stderr
    org_id = _put_canaries_everywhere()
    db.session.remove()
    searched = 0
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                whole = b"\x1f".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
                assert _found_in(whole) == [], table
                searched += 1
    assert searched > 100
    files = [p for p in installation().settings.data_dir.rglob("*") if p.is_file()]
    assert any(p.parent.parent.name == "vault" for p in files)
    for path in files:
        assert _found_in(path.read_bytes()) == [], path.name
    out, err = capsys.readouterr()
    assert '"event": "job done"' in err
    assert _found_in((out + err + caplog.text).encode()) == []
    assert vault.read_many(_all_items(org_id)) != {}  # they are there, for those who may


def _all_items(subject: str) -> list[str]:
    with db.engine.connect() as connection:
        found = connection.execute(select(items.c.id).where(items.c.subject == subject))
        return list(found.scalars())


def test_the_search_would_find_a_canary(app: Flask) -> None:
    """The searched forms are those in which a text would lie there, so silence says something."""
    assert _found_in(f"x{CANARY['mail']}x".encode()) == ["mail"]
    assert _found_in(CANARY["address"].lower().encode()) == ["address"]


def test_a_log_line_carries_what_is_on_the_list_alone(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key that nobody allowed is dropped, whatever it holds; those on the list stay."""
    logs.configure()
    logs.get("tests").info("seen", count=7, address=CANARY["address"], name=CANARY["name"])
    _, err = capsys.readouterr()
    assert '"count": 7' in err
    assert _found_in(err.encode()) == []


def test_no_private_key_lies_in_clear(app: Flask) -> None:
    """The issuer's private numbers are in no file: only their encrypted form is."""
    kid = next(iter(keyring.public_keys()))
    secret = keyring.private_key(kid).as_dict(private=True)["d"].encode()
    db.session.remove()
    for path in installation().settings.data_dir.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path.name
