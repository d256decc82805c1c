"""The wrapping key: read from where it lies, refused in words when it is not one."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.vault.envelope import (
    VaultKeyInvalid,
    decrypt,
    derive,
    encrypt,
    new_key_text,
    read_wrapping_key,
)


def test_a_key_is_read_from_setting_or_file(tmp_path: Path) -> None:
    """The setting goes before the file; padding and white space around it do not matter."""
    file, text = tmp_path / "vault.key", new_key_text()
    file.write_text(f"  {text}\n")
    key = read_wrapping_key("", file)
    assert len(key) == 32
    assert read_wrapping_key(text.rstrip("="), None) == key
    assert read_wrapping_key(new_key_text(), file) != key


@pytest.mark.parametrize("text", ["short", "ä" * 43, "A" * 45, "not base64 at all!"])
def test_what_is_no_key_is_refused_in_words(text: str) -> None:
    """A key of another length or alphabet names the setting and what would be right."""
    with pytest.raises(VaultKeyInvalid, match=r"PORTAL_VAULT_KEY: not a vault key; 32 bytes in"):
        read_wrapping_key(text, None)


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    """Without the file nothing is made up: the words name it, `portal init` and the backup."""
    with pytest.raises(VaultKeyInvalid, match=r"vault.key: the vault's key is missing; run `port"):
        read_wrapping_key("", tmp_path / "vault.key")
    with pytest.raises(VaultKeyInvalid, match="is missing"):
        read_wrapping_key("", None)


def test_what_is_altered_or_bound_elsewhere_does_not_open() -> None:
    """Each altered byte, another key, another binding: VaultKeyInvalid; nothing half opened."""
    key, other = bytes(32), b"\x01" * 32
    sealed = encrypt(key, b"content", "vlt_1")
    assert decrypt(key, sealed, "vlt_1") == b"content"
    assert sealed != encrypt(key, b"content", "vlt_1")
    for n in range(len(sealed)):
        altered = sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]
        with pytest.raises(VaultKeyInvalid):
            decrypt(key, altered, "vlt_1")
    for wrong in ((other, sealed, "vlt_1"), (key, sealed, "vlt_2"), (key, sealed[:-1], "vlt_1")):
        with pytest.raises(VaultKeyInvalid):
            decrypt(*wrong)


def test_each_purpose_has_a_key_of_its_own() -> None:
    """A derived key is neither the wrapping key nor another purpose's."""
    key = bytes(32)
    assert derive(key, "address") == derive(key, "address")
    assert len({key, derive(key, "address"), derive(key, "signing-keys"), derive(key, "")}) == 4
