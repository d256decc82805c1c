"""One installation runs several programs, each by its own rules."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import founding
from portal.boards import grants, programs
from portal.extensions import db
from portal.ledger import outbox
from tests import builders
from tests.conftest import make_app, make_settings
from workflows.errors import Refused
from workflows.program import ProgramInvalid

SHIPPED = founding.SHIPPED / "cyber-defense"


def variant(folder: Path, name: str, title: str, **changes: str) -> Path:
    """The shipped program under another name, with words of its document exchanged."""
    shutil.copytree(SHIPPED, folder)
    document = folder / "program.toml"
    text = document.read_text()
    exchanges = {'"cyber-defense"': f'"{name}"', '"Cyber Defense Program"': f'"{title}"', **changes}
    for old, new in exchanges.items():
        assert old in text, old
        text = text.replace(old, new)
    document.write_text(text)
    return folder


@pytest.fixture
def two_programs(tmp_path: Path) -> Iterator[Flask]:
    """An installation with the shipped program and another, whose grants last 30 days at most."""
    shorter = {"grant_days = 365": "grant_days = 30"}
    corpus = variant(tmp_path / "corpus", "malware-corpus", "Malware Corpus", **shorter)
    app = make_app(make_settings(tmp_path / "data", programs=[corpus]))
    outbox.ring.clear()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_each_program_is_published(two_programs: Flask) -> None:
    """The front page names both programs, and each has a page with its own rules."""
    client = two_programs.test_client()
    db.session.rollback()
    front = client.get("/").text
    assert "Cyber Defense Program" in front
    assert "Malware Corpus" in front
    for name, title in (("cyber-defense", "Cyber Defense"), ("malware-corpus", "Malware Corpus")):
        page = client.get(f"/programs/{name}")
        assert page.status_code == 200
        assert title in page.text
    assert client.get("/programs/unknown").status_code == 404


def test_an_application_is_held_to_its_own_program(two_programs: Flask) -> None:
    """The same organization applies to both; the days that one allows, the other refuses."""
    org, people = builders.organization(), builders.staff()
    ends = {}
    for name, days in (("cyber-defense", 200), ("malware-corpus", 20)):
        application = builders.submit(org, to=name)
        builders.pass_checks(application)
        for reviewer in people.reviewers:
            builders.review(application, reviewer)
        if name == "malware-corpus":
            with pytest.raises(Refused) as refused:
                builders.decide(application, people.decider, days=200)
            assert "30 days" in str(refused.value.remedy)
        ends[name] = builders.decide(application, people.decider, days=days)
    versions = {name: programs.named(name).version for name in ends}
    assert versions["cyber-defense"] != versions["malware-corpus"]
    for name, grant in ends.items():
        assert grants.get(grant, builders.again(org.owner)).program_version == versions[name]


def test_own_program_of_the_shipped_name_replaces_it(tmp_path: Path) -> None:
    """An operator's program called cyber-defense is in force, also after a second founding."""
    own = variant(tmp_path / "own", "cyber-defense", "Our Defense")
    settings = make_settings(tmp_path / "data", programs=[own])
    app = make_app(settings)
    with app.app_context():
        founding.found(settings)
        assert [p.title for p in programs.active()] == ["Our Defense"]
        db.session.remove()
        db.engine.dispose()


def test_two_programs_of_one_name_are_refused(tmp_path: Path) -> None:
    """Two folders with the same name are refused in words that name both, before any starts."""
    folders = [variant(tmp_path / f"p{i}", "same", f"Program {i}") for i in (1, 2)]
    settings = make_settings(tmp_path / "data", programs=folders)
    with pytest.raises(ProgramInvalid) as refused:
        make_app(settings)
    words = str(refused.value)
    assert str(folders[0]) in words
    assert str(folders[1] / "program.toml") in words
