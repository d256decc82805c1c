"""Drafts: saved as one types, by several people, readable by their organization alone."""

from __future__ import annotations

import pytest
from flask import Flask

from portal import vault
from portal.desk import drafts, tables
from tests import builders
from tests.portal.ledger import history
from workflows.actors import Actor
from workflows.errors import Conflict, NotFound


def _draft() -> tuple[builders.Org, drafts.Draft]:
    org = builders.organization()
    return org, drafts.get(drafts.start(org.id, "cyber-defense", org.owner), org.owner)


def test_two_people_who_save_different_answers_both_keep_theirs(either_app: Flask) -> None:
    """Two saves of one opened draft at the same moment are merged, ten times over."""
    org, draft = _draft()
    colleague = org.colleague()
    for n in range(10):
        draft = drafts.get(draft.id, org.owner)
        outcomes = history.at_once(
            either_app,
            [
                lambda d=draft, n=n: drafts.save(d, {f"a{n}": n}, org.owner),
                lambda d=draft, n=n: drafts.save(d, {f"b{n}": n}, colleague),
            ],
        )
        assert outcomes == [None, None]
    found = drafts.get(draft.id, org.owner)
    assert found.answers == {f"{x}{n}": n for x in "ab" for n in range(10)}
    assert found.revision == 20


def test_who_saves_on_an_old_copy_changes_only_what_they_typed(app: Flask) -> None:
    """A page that was open for an hour does not put back what a colleague changed since."""
    org, old = _draft()
    drafts.save(old, {"website": "first", "sector": "ports"}, org.owner)
    drafts.save(old, {"website": "second"}, org.owner)
    found = drafts.get(old.id, org.owner)
    assert found.answers == {"website": "second", "sector": "ports"}
    assert found.changed_by == org.owner.id


def test_a_draft_that_others_keep_saving_is_told_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lost attempts end as a Conflict that asks to save once more."""
    org, stale = _draft()
    drafts.save(stale, {"a": 1}, org.owner)
    monkeypatch.setattr(drafts, "get", lambda draft_id, viewer: stale)
    with pytest.raises(Conflict) as refused:
        drafts.save(stale, {"b": 2}, org.owner)
    assert refused.value.remedy == "save once more"


def test_a_draft_is_its_organizations_own(app: Flask) -> None:
    """For anybody else, staff too, there is no such draft; nor for anybody once submitted."""
    org, draft = _draft()
    other = builders.organization("Other", "other.example")
    for viewer in (other.owner, Actor("acc_x", roles=frozenset({"reviewer", "auditor"}))):
        with pytest.raises(NotFound):
            drafts.get(draft.id, viewer)
        assert drafts.of_organizations(viewer) == []
    assert [d.id for d in drafts.of_organizations(org.owner)] == [draft.id]
    drafts.submitted(draft.id)
    with pytest.raises(NotFound):
        drafts.get(draft.id, org.owner)
    assert drafts.of_organizations(org.owner) == []


def test_a_file_replaces_the_one_before_it_and_is_spared(app: Flask) -> None:
    """One file answers a question; what a draft holds is spared by the sweep, the rest is not."""
    org, draft = _draft()
    first, second = vault.put(org.id, b"one"), vault.put(org.id, b"two")
    drafts.attach(draft, "proof", first)
    drafts.attach(draft, "proof", second)
    found = drafts.get(draft.id, org.owner)
    assert dict(found.files) == {"proof": second}
    assert [(e.question, e.file) for e in found.evidence] == [("proof", second)]
    assert drafts.files_in_use() == [second.id]
    assert vault.sweep(older_than_hours=-1, spare=drafts.files_in_use()) == 1
    assert vault.read(second.id) == b"two"
    assert vault.read(first.id) is None
    drafts.detach(found, "proof")
    assert drafts.files_in_use() == []


def test_answers_lie_encrypted_and_die_with_the_organizations_key(app: Flask) -> None:
    """The row shows nothing of an answer, and after an erasure the draft opens empty."""
    org, draft = _draft()
    drafts.save(draft, {"use_case": "canary-in-a-draft"}, org.owner)
    assert "canary" not in str(history.rows(tables.drafts))
    vault.erase(org.id)
    assert drafts.get(draft.id, org.owner).answers == {}
