"""The program document: what is accepted, and how each wrong one is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.core.histories import SHIPPED, documents
from workflows import program
from workflows.program import ProgramInvalid

Change = Callable[[dict[str, dict[str, Any]]], None]


def test_the_shipped_program_is_whole() -> None:
    """The shipped program has three rising tiers, some 25 questions, and two reviewers or more."""
    assert [t.level for t in SHIPPED.tiers] == [1, 2, 3]
    assert 25 <= len(SHIPPED.questions) <= 30
    assert all(t.reviewers >= 2 for t in SHIPPED.tiers)
    assert {s.id for s in SHIPPED.scopes} == {s for t in SHIPPED.tiers for s in t.scopes}
    assert all(r.remedy for r in SHIPPED.reasons)
    assert SHIPPED.question_meaning("domain")


def _set(file: str, *path: Any, to: Any) -> Change:
    def change(docs: dict[str, dict[str, Any]]) -> None:
        at: Any = docs[file]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


def _drop(file: str, *path: Any) -> Change:
    def change(docs: dict[str, dict[str, Any]]) -> None:
        at: Any = docs[file]
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return change


def _no_meaning(docs: dict[str, dict[str, Any]]) -> None:
    for section in docs["form.toml"]["sections"]:
        for question in section["questions"]:
            if question.get("meaning") == "domain":
                del question["meaning"]


def _nothing_denies(docs: dict[str, dict[str, Any]]) -> None:
    for reason in docs["reasons.toml"]["reasons"]:
        reason["outcomes"] = ["narrow"]


def _twice(docs: dict[str, dict[str, Any]]) -> None:
    docs["program.toml"]["scopes"].append(dict(docs["program.toml"]["scopes"][0]))


def _stages_turned(docs: dict[str, dict[str, Any]]) -> None:
    docs["program.toml"]["stages"].reverse()


P = "program.toml"
WRONG: list[tuple[str, Change, str, str]] = [
    ("missing file", lambda d: d.pop("form.toml"), "form.toml", "add form.toml"),
    ("missing key", _drop(P, "title"), "program.toml: title", "add a text"),
    ("empty text", _set(P, "title", to=" "), "program.toml: title", "add a text"),
    ("wrong type", _set(P, "promise_days", to="five"), "promise_days", "whole number"),
    ("a boolean for a number", _set(P, "promise_days", to=True), "promise_days", "whole number"),
    ("out of range", _set(P, "promise_days", to=0), "promise_days", "from 1 to 365"),
    ("bad identifier", _set(P, "name", to="Cyber Defense"), "program.toml: name", "lower case"),
    ("bad scope", _set(P, "scopes", 0, "id", to="review"), "scopes[0].id", "area:verb"),
    ("unknown check", _set(P, "stages", 0, "checks", to=["astrology"]), "stages[0].checks[0]",
     "completeness, domain_control, sanctions_name"),
    ("a check left out", _set(P, "stages", 0, "checks", to=["completeness"]), "stages[].checks",
     "no program goes without it"),
    ("a check twice", _set(P, "stages", 0, "checks", to=["completeness", "domain_control",
     "sanctions_name", "completeness"]), "stages[].checks", "name it once"),
    ("unknown stage", _set(P, "stages", 0, "kind", to="lottery"), "stages[0].kind", "review"),
    ("stages in another order", _stages_turned, "program.toml: stages", "nothing is decided"),
    ("no review", _drop(P, "stages", 1), "program.toml: stages", "nothing is decided unreviewed"),
    ("one reviewer", _set(P, "tiers", 0, "reviewers", to=1), "tiers[0].reviewers", "from 2 to 9"),
    ("long tokens", _set(P, "tiers", 0, "token_seconds", to=3600), "token_seconds", "to 300"),
    ("scope of no tier", _set(P, "tiers", 2, "scopes", to=["code:review"]), "scopes[7].id",
     "name it in a tier's scopes"),
    ("tier of no scope", _set(P, "tiers", 0, "scopes", to=["no:such"]), "tiers[0].scopes",
     "one of"),
    ("scope twice", _twice, "scopes[].id", "give each entry its own"),
    ("level twice", _set(P, "tiers", 1, "level", to=1), "tiers[].level", "its own"),
    ("rubric that does not rise", _set(P, "rubric", 0, "levels", 1, "score", to=0),
     "rubric[0].levels", "each score higher"),
    ("no meaning for a check", _no_meaning, "meaning", 'meaning = "domain"'),
    ("nothing denies", _nothing_denies, "reasons.toml: reasons[].outcomes", "deny"),
    ("a list for a table", _set(P, "screening", to=[]), "program.toml: screening", "[screening]"),
    ("a text among tables", _set(P, "tiers", 0, to="x"), "tiers[0]", "a table"),
    ("no terms", _set("terms.toml", "terms", to="none"), "terms.toml: terms", "tables"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "where", "remedy"), [w[1:] for w in WRONG],
                         ids=[w[0] for w in WRONG])  # fmt: skip
def test_a_wrong_document_is_refused(change: Change, where: str, remedy: str) -> None:
    """A wrong document is refused with its file, the entry's path, and what would be right."""
    docs = documents()
    change(docs)
    with pytest.raises(ProgramInvalid) as invalid:
        program.parse(docs, "v2")
    assert any(where in str(p) and remedy in p.remedy for p in invalid.value.problems), str(
        invalid.value
    )


def test_every_problem_is_found_at_once() -> None:
    """Three mistakes in two files are named in one refusal."""
    docs = documents()
    del docs["program.toml"]["title"]
    docs["program.toml"]["promise_days"] = 0
    docs["reasons.toml"]["reasons"][0]["code"] = "No Code"
    with pytest.raises(ProgramInvalid) as invalid:
        program.parse(docs, "v2")
    assert len(invalid.value.problems) == 3
