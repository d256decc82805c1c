"""The vault: in, out, erased; what lies there opens nowhere else."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import clock, vault
from portal.app import create_app
from portal.desk import links
from portal.extensions import db
from portal.installation import installation
from portal.ledger.database import writing
from portal.vault.envelope import VaultKeyInvalid, new_key_text
from portal.vault.keep import FILE_FROM_BYTES, Erased
from portal.vault.tables import items, keys
from tests import builders
from tests.conftest import make_settings
from tests.portal.ledger import history

BIG = b"0123456789abcdef" * (FILE_FROM_BYTES // 16)


def _files() -> list[Path]:
    folder = installation().settings.data_dir / "vault"
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_put_is_read_again(either_app: Flask) -> None:
    """Text and bytes, small and big, come back as they were; the digest is the ledger's word."""
    for content in ("", "Zażółć “gęślą”", b"\x00\xff" * 9, BIG, BIG + b"!"):
        raw = content.encode() if isinstance(content, str) else content
        ref = vault.put("org_1", content)
        assert vault.read(ref.id) == raw
        assert vault.holds(ref)
        assert ref.digest != hashlib.sha256(raw).hexdigest()  # salted
    text = vault.put("org_1", "Zażółć")
    assert vault.text(text.id) == "Zażółć"
    assert vault.texts([text.id, "vlt_none"]) == {text.id: "Zażółć"}
    assert vault.read("vlt_none") is None
    assert vault.read_many([]) == {}


def test_the_same_text_twice_shows_no_likeness(app: Flask) -> None:
    """Two items of one text have different digests and different ciphertexts."""
    one, two = vault.put("org_1", "the same"), vault.put("org_1", "the same")
    assert one.digest != two.digest
    sealed = {row[2] for row in history.rows(items)["vault_items"] if row[0] in (one.id, two.id)}
    assert len(sealed) == 2


def test_big_content_is_a_file_and_small_a_row(app: Flask) -> None:
    """From 32 KiB on the ciphertext lies beside the database; below that in its row."""
    small, big = vault.put("org_1", BIG[:-1]), vault.put("org_1", BIG)
    found = {row[0]: row for row in history.rows(items)["vault_items"]}
    assert found[small.id][2] is not None
    assert found[small.id][3] == 0
    assert found[big.id][2] is None
    assert found[big.id][3] == 1
    (file,) = _files()
    assert file.name == big.id
    assert BIG[:16] not in file.read_bytes()
    assert file.stat().st_size == len(BIG) + 16 + 12 + 16  # salt, nonce, tag


def test_many_at_once_share_one_key(either_app: Flask) -> None:
    """Eight first items of a new subject at the same moment can all be read: one key was made."""
    for round_ in range(4):
        subject = f"org_{round_}"
        refs = history.at_once(either_app, [lambda s=subject: vault.put(s, "content")] * 8)
        assert {vault.read(ref.id) for ref in refs} == {b"content"}
        assert sum(row[0] == subject for row in history.rows(keys)["vault_keys"]) == 1


def test_erasing_takes_everything_of_one_subject(either_app: Flask) -> None:
    """After an erasure nothing of the subject opens, rows and files are gone, others' stay."""
    gone = [vault.put("acc_1", "small"), vault.put("acc_1", BIG)]
    sealed = vault.seal("acc_1", "a draft", "app_1")
    stays, file = vault.put("acc_2", "theirs"), vault.put("acc_2", BIG)
    vault.erase("acc_1")
    assert [vault.read(ref.id) for ref in gone] == [None, None]
    assert vault.text(gone[0].id) == "[erased]"
    assert [vault.holds(ref) for ref in gone] == [False, False]
    assert vault.unseal("acc_1", sealed, "app_1") is None
    assert [path.name for path in _files()] == [file.id]
    assert {row[0] for row in history.rows(items)["vault_items"]} >= {stays.id, file.id}
    assert "acc_1" not in {row[1] for row in history.rows(items)["vault_items"]}
    assert (vault.read(stays.id), vault.read(file.id)) == (b"theirs", BIG)
    with pytest.raises(Erased):
        vault.put("acc_1", "back again")
    with pytest.raises(Erased):
        vault.seal("acc_1", "back again", "app_1")


def test_an_erased_digest_cannot_be_guessed(app: Flask) -> None:
    """With its salt gone, not even the right content can be matched to the ledger's digest."""
    ref = vault.put("acc_1", "pat@people.example")
    kept_row = next(row for row in history.rows(items)["vault_items"] if row[0] == ref.id)
    vault.erase("acc_1")
    with db.engine.connect() as connection:
        row = connection.execute(select(keys).where(keys.c.subject == "acc_1")).one()
    assert row.wrapped is None
    assert row.destroyed_at
    assert not vault.holds(ref)
    guess = b"pat@people.example"
    assert ref.digest not in {
        hashlib.sha256(salt + guess).hexdigest() for salt in (b"", bytes(16), kept_row[2][:16])
    }


def test_erasing_whoever_has_nothing_keeps_them_out(app: Flask) -> None:
    """A subject that never put anything is erased too: nothing can be added later."""
    vault.erase("acc_9")
    vault.erase("acc_9")
    with pytest.raises(Erased):
        vault.put("acc_9", "late")


def test_another_wrapping_key_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    """A data folder with a key that is not its own opens nothing and says where to look."""
    ref = vault.put("org_1", "closed")
    settings = make_settings(tmp_path, vault_key=new_key_text())
    with create_app(settings).app_context():
        with pytest.raises(VaultKeyInvalid, match="check that the key file belongs to this data"):
            vault.read(ref.id)
        with pytest.raises(VaultKeyInvalid):
            vault.put("org_1", "more")
        assert vault.keyed_digest("address", "x") != "" != ref.digest
    assert vault.read(ref.id) == b"closed"


def test_ciphertexts_that_changed_rows_are_refused(app: Flask) -> None:
    """What an item's row holds is bound to its id, and a subject's key to the subject."""
    one, two = vault.put("org_1", "one"), vault.put("org_1", "two")
    big, other = vault.put("org_1", BIG), vault.put("org_1", BIG + b"!")
    with writing() as connection:
        found = connection.execute(select(items.c.id, items.c.sealed)).all()
        sealed = {row.id: row.sealed for row in found}
        for here, there in ((one, two), (two, one)):
            change = update(items).where(items.c.id == here.id)
            connection.execute(change.values(sealed=sealed[there.id]))
    paths = {path.name: path for path in _files()}
    shutil.copyfile(paths[big.id], paths[other.id])
    for ref in (one, two, other):
        with pytest.raises(VaultKeyInvalid):
            vault.read(ref.id)
        with pytest.raises(VaultKeyInvalid):
            vault.holds(ref)
    assert vault.read(big.id) == BIG


def test_a_key_that_changed_subjects_is_refused(app: Flask) -> None:
    """Another subject's wrapped key in this one's row opens nothing, nor does a sealed column."""
    ref, theirs = vault.put("org_1", "one"), vault.seal("org_1", "draft", "app_1")
    vault.put("org_2", "two")
    with pytest.raises(VaultKeyInvalid):
        vault.unseal("org_1", theirs, "app_2")
    with writing() as connection:
        wrapped = connection.execute(select(keys.c.wrapped).where(keys.c.subject == "org_2"))
        change = update(keys).where(keys.c.subject == "org_1")
        connection.execute(change.values(wrapped=wrapped.scalar_one()))
    with pytest.raises(VaultKeyInvalid, match="org_1"):
        vault.read(ref.id)


def test_holds_compares_with_the_ledgers_digest(app: Flask) -> None:
    """An item whose content is not what the ledger says is not held, nor one that is not there."""
    one, two = vault.put("org_1", "one"), vault.put("org_1", "two")
    assert not vault.holds(type(one)(one.id, two.digest))
    assert not vault.holds(type(one)("vlt_none", one.digest))


def test_the_sweep_removes_orphans_alone(app: Flask) -> None:
    """What an event spoke of stays, what a draft holds stays, what is young stays; orphans go."""
    org = builders.organization()
    builders.submit(org)
    kept = {row[0] for row in history.rows(items)["vault_items"] if row[5]}
    orphan, big, spared = (vault.put(org.id, c) for c in (b"orphan", BIG, b"in a draft"))
    assert vault.sweep() == 0  # younger than a day
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        young = vault.put(org.id, b"young")
        assert vault.sweep(spare=[spared.id]) == 2
    left = {row[0] for row in history.rows(items)["vault_items"]}
    assert left == kept | {spared.id, young.id}
    assert vault.read(orphan.id) is None
    assert vault.read(big.id) is None
    assert _files() == []


def test_a_keyed_digest_finds_without_telling(app: Flask, tmp_path: Path) -> None:
    """One purpose, one key, one value make one digest; an address is normalized before it."""
    assert links.address_digest(" Pat@People.EXAMPLE ") == links.address_digest(
        "pat@people.example"
    )
    digest = vault.keyed_digest("address", "pat@people.example")
    assert digest == links.address_digest("pat@people.example")
    assert digest != vault.keyed_digest("other", "pat@people.example")
    assert digest != hashlib.sha256(b"pat@people.example").hexdigest()
    with create_app(make_settings(tmp_path, vault_key=new_key_text())).app_context():
        assert vault.keyed_digest("address", "pat@people.example") != digest
