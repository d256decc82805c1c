"""Signed decisions: what the ledger alone proves, and what tampering leaves to be found.

Each forgery here is by somebody who can write to the database and knows how the chain is made:
every digest after it is computed anew, so that the chain itself holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import main
from portal.extensions import db
from portal.installation import installation
from portal.ledger import chain, codec, export, perform, signatures
from portal.ledger.codec import canonical
from portal.ledger.export import Line
from tests import builders
from tests.conftest import make_app, make_settings
from workflows.account.commands.erase import Erase
from workflows.actors import operator

Lines = list[Line]
Forgery = Callable[[Lines], Lines]


def decided() -> Lines:
    """A ledger with an approval and a denial, each signed; as its export."""
    people = builders.staff()
    builders.grant(builders.organization(), people)
    other = builders.organization("Elsewhere", "elsewhere.example")
    application = builders.submit(other)
    builders.pass_checks(application)
    for reviewer in people.reviewers:
        builders.review(application, reviewer)
    reasons = ("purpose_unclear",)
    builders.decide(application, people.decider, outcome="denied", reasons=reasons)
    return exported()


def exported() -> Lines:
    return [Line(**json.loads(line)) for line in export.lines()]


def rechained(lines: Lines) -> Lines:
    """The same entries with numbers, links and digests made right again."""
    new: Lines = []
    for line in lines:
        follows = bool(new) and new[-1].stream == line.stream
        row = asdict(line) | {"seq": new[-1].seq + 1 if follows else 1,
                              "prev": new[-1].digest if follows else chain.GENESIS}  # fmt: skip
        del row["digest"]
        new.append(Line(**row, digest=chain.digest(**row)))
    return new


def changed(line: Line, **members: Any) -> Line:
    return replace(line, data=canonical(json.loads(line.data) | members))


def of(lines: Lines, name: str) -> list[int]:
    return [number for number, line in enumerate(lines) if line.name == name]


def edited_outcome(lines: Lines) -> Lines:
    n = of(lines, "Decided")[0]
    return [*lines[:n], changed(lines[n], scopes=["code:review"]), *lines[n + 1 :]]


def edited_letter(lines: Lines) -> Lines:
    n = of(lines, "Decided")[1]
    letter = {"id": "vlt_other", "digest": "1" * 64}
    return [*lines[:n], changed(lines[n], letter=letter), *lines[n + 1 :]]


def edited_program(lines: Lines) -> Lines:
    n = of(lines, "Submitted")[0]
    return [*lines[:n], changed(lines[n], program_version="other"), *lines[n + 1 :]]


def swapped_signatures(lines: Lines) -> Lines:
    first, second = of(lines, "DecisionSigned")
    new = list(lines)
    new[first] = replace(lines[first], data=lines[second].data)
    new[second] = replace(lines[second], data=lines[first].data)
    return new


def edited_nonce(lines: Lines) -> Lines:
    n = of(lines, "DecisionSigned")[0]
    return [*lines[:n], changed(lines[n], nonce="A" * 43), *lines[n + 1 :]]


def other_origin(lines: Lines) -> Lines:
    n = of(lines, "DecisionSigned")[0]
    return [*lines[:n], changed(lines[n], origin="https://fake.example"), *lines[n + 1 :]]


def other_actor(lines: Lines) -> Lines:
    n = of(lines, "DecisionSigned")[0]
    other = next(line.stream for line in lines if line.stream.startswith("acc_"))
    both = [replace(line, actor=other) for line in lines[n - 1 : n + 1]]
    return [*lines[: n - 1], *both, *lines[n + 1 :]]


def other_key(lines: Lines) -> Lines:
    """The forger's own key signs the forged decision, under the id of the decider's passkey."""
    n, forged = of(lines, "DecisionSigned")[0], edited_outcome(lines)
    decision = codec.decode("application", "Decided", 1, forged[n - 1].data)
    submitted = next(e for e in lines if (e.stream, e.seq) == (lines[n].stream, 1))
    version = json.loads(submitted.data)["program_version"]
    forger = builders.person("For Ger", roles=("decider",))  # with a passkey that is real
    mine = builders.signature(
        builders.DEVICE, forger.id, signatures.content(lines[n].stream, version, decision)
    )
    theirs = json.loads(lines[n].data)["credential"]
    proof = changed(forged[n], **asdict(mine) | {"credential": theirs})
    return [*forged[:n], proof, *forged[n + 1 :]]


def synced_passkey(lines: Lines) -> Lines:
    """The decider's passkey was added as one that may be copied."""
    passkey = json.loads(lines[of(lines, "DecisionSigned")[0]].data)["credential"]
    return [
        changed(line, backup_eligible=True)
        if line.name == "PasskeyAdded" and json.loads(line.data)["passkey"] == passkey
        else line
        for line in lines
    ]


def synced_when_signing(lines: Lines) -> Lines:
    """The decider's own passkey signs truly, and says that it may be copied by now."""
    n = of(lines, "DecisionSigned")[0]
    decision = codec.decode("application", "Decided", 1, lines[n - 1].data)
    submitted = next(e for e in lines if (e.stream, e.seq) == (lines[n].stream, 1))
    version = json.loads(submitted.data)["program_version"]
    content = signatures.content(lines[n].stream, version, decision)
    bound, builders.DEVICE._flags = builders.DEVICE._flags, 0x05 | 0x08
    try:
        proof = builders.signature(builders.DEVICE, lines[n].actor, content)
    finally:
        builders.DEVICE._flags = bound
    return [*lines[:n], changed(lines[n], **asdict(proof)), *lines[n + 1 :]]


def signature_removed(lines: Lines) -> Lines:
    n = _later(lines, "DecisionSigned")
    return [*lines[:n], *lines[n + 1 :]]


def decision_removed(lines: Lines) -> Lines:
    n = of(lines, "Decided")[0]
    return [*lines[:n], *lines[n + 1 :]]


def _later(lines: Lines, name: str) -> int:
    return max(of(lines, name), key=lambda n: lines[n].at)


FORGERIES: dict[Forgery, str] = {
    edited_outcome: "did not sign this decision",
    edited_letter: "did not sign this decision",
    edited_program: "did not sign this decision",
    edited_nonce: "did not sign this decision",
    other_origin: "did not sign this decision",
    swapped_signatures: "did not sign this decision",
    other_actor: "was not on the decider's account",
    other_key: "is not the one of the decider's passkey",
    synced_passkey: "its passkey may be copied beyond one device",
    synced_when_signing: "its passkey says that it may be copied",
    signature_removed: "its signature is missing",
    decision_removed: "follows no decision",
}


def written(folder: Path, lines: Lines) -> Path:
    path = folder / "export.jsonl"
    path.write_text("".join(canonical(asdict(line)) + "\n" for line in lines), "utf-8")
    return path


def run(*arguments: str) -> tuple[int, str]:
    """`portal ledger ...` with a data folder that is not there."""
    done = CliRunner().invoke(main, ["--data", "/nowhere", "ledger", *arguments])
    return done.exit_code, done.output


def test_every_decision_is_proven_by_the_ledger(either_app: Flask) -> None:
    """The running ledger and its export say the same: two signed, none unsigned, nothing bad."""
    lines = decided()
    assert signatures.verify() == signatures.Verdict(signed=2, unsigned=0, bad="")
    assert signatures.verify_rows(lines) == signatures.verify()
    assert export.verify_chain(lines).ok
    assert export.verify_chain(lines).entries == len(lines)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> dict[Forgery | None, Lines]:
    """The true export under None, and each forgery of it, made where the app still stands."""
    app = make_app(make_settings(tmp_path_factory.mktemp("signed")))
    with app.app_context():
        lines = decided()
        made: dict[Forgery | None, Lines] = {None: lines}
        made |= {forge: rechained(forge(lines)) for forge in FORGERIES}
        db.session.remove()
        db.engine.dispose()
    return made


@pytest.mark.parametrize(
    ("forge", "why"), FORGERIES.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_a_forgery_is_found(ledger: dict[Forgery | None, Lines], forge: Forgery, why: str) -> None:
    """The chain was made right again and holds; the signatures name the entry and what is wrong."""
    forged = ledger[forge]
    assert forged != ledger[None]
    assert export.verify_chain(forged).ok
    found = signatures.verify_rows(forged)
    assert not found.ok
    assert why in found.bad
    assert re.match(r"app_\w+ entry \d+: ", found.bad)


def test_decisions_from_before_signatures_are_counted(
    ledger: dict[Forgery | None, Lines], tmp_path: Path
) -> None:
    """A ledger without any signature is an old one: it holds, and the number is said."""
    true = ledger[None]
    old = rechained([line for line in true if line.name != "DecisionSigned"])
    assert signatures.verify_rows(old) == signatures.Verdict(signed=0, unsigned=2, bad="")
    first = min(of(true, "DecisionSigned"), key=lambda n: true[n].at)
    mixed = rechained([*true[:first], *true[first + 1 :]])
    assert signatures.verify_rows(mixed) == signatures.Verdict(signed=1, unsigned=1, bad="")
    status, said = run("verify", "--signatures", "--file", str(written(tmp_path, mixed)))
    assert status == 0, said
    assert "1 decisions signed" in said
    assert "1 unsigned" in said


def test_a_passkey_that_was_removed_signs_nothing_more(app: Flask) -> None:
    """An erasure after the decision changes nothing; one before it makes the signature void."""
    lines = decided()
    decider = next(line.actor for line in lines if line.name == "Decided")
    perform(Erase(decider, reason="asked"), operator("tests"))
    after = exported()
    assert signatures.verify_rows(after).ok
    n = of(after, "Erased")[0]
    signed = min(after[s].at for s in of(after, "DecisionSigned"))
    before = max(line.at for line in after if line.stream == decider and line.name != "Erased")
    earlier = replace(after[n], at=before)
    assert before < signed
    found = signatures.verify_rows(rechained([*after[:n], earlier, *after[n + 1 :]]))
    assert "was not on the decider's account" in found.bad


def test_the_command_verifies_an_export_without_a_data_folder(
    ledger: dict[Forgery | None, Lines], tmp_path: Path
) -> None:
    """Status 0 for the true file; 2 with words for an edited one, a bad signature, no export."""
    true = ledger[None]
    status, said = run("verify", "--signatures", "--json", "--file", str(written(tmp_path, true)))
    assert status == 0, said
    assert json.loads(said)["signatures"] == {"bad": "", "ok": True, "signed": 2, "unsigned": 0}
    edited = written(tmp_path, edited_outcome(true))
    status, said = run("verify", "--file", str(edited))
    assert (status, "does not match its digest (edited)" in said) == (2, True), said
    forged = written(tmp_path, ledger[swapped_signatures])
    status, said = run("verify", "--signatures", "--file", str(forged))
    assert (status, "A decision's signature does not hold at app_" in said) == (2, True), said
    status, said = run("verify", "--signatures", "--json", "--file", str(forged))
    assert (status, json.loads(said)["ok"]) == (2, False), said
    twice = written(tmp_path, [*true, *(e for e in true if e.stream == true[0].stream)])
    status, said = run("verify", "--file", str(twice))
    assert (status, "the stream is there twice" in said) == (2, True), said
    for wrong in ("{}", "hello", '["a"]'):
        edited.write_text(wrong + "\n", "utf-8")
        status, said = run("verify", "--signatures", "--file", str(edited))
        assert (status, "line 1 is not an entry of a ledger" in said) == (2, True), said


def test_what_cannot_be_read_is_named(ledger: dict[Forgery | None, Lines]) -> None:
    """An entry whose data is of no known shape is the bad one, not a crash."""
    true = ledger[None]
    for name in ("Decided", "DecisionSigned", "PasskeyAdded", "Submitted"):
        n = of(true, name)[0]
        for data in ("{}", "[]", "no JSON"):
            broken = [*true[:n], replace(true[n], data=data), *true[n + 1 :]]
            found = signatures.verify_rows(rechained(broken))
            assert found.bad == f"{true[n].stream} entry {true[n].seq}: it cannot be read (edited)"


def test_the_export_is_the_ledger_and_holds_nothing_personal(app: Flask, tmp_path: Path) -> None:
    """The command writes every entry as it is stored; names and addresses are not in it."""
    lines = decided()
    out = tmp_path / "ledger.jsonl"
    folder = str(installation().settings.data_dir)
    done = CliRunner().invoke(main, ["--data", folder, "ledger", "export", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert export.read(out) == lines
    for word in ("Dana Decider", "people.example", "Harbor CERT"):
        assert word not in out.read_text("utf-8")
    done = CliRunner().invoke(main, ["--data", folder, "ledger", "verify", "--signatures"])
    assert done.exit_code == 0, done.output
    assert "The signatures hold: 2 decisions signed" in done.output
