"""Base64url is read in the one spelling that writing gives, and in no other."""

from __future__ import annotations

import base64
import itertools

import pytest
from trusted_access.encoding import b64, unb64

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_written_base64url_is_read_back() -> None:
    """Any bytes come back, spelled as the standard library spells them without padding."""
    for size in range(1, 300):
        raw = bytes((i * 37 + size) % 256 for i in range(size))
        assert b64(raw) == base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        assert unb64(b64(raw)) == raw


@pytest.mark.parametrize("size", [2, 3])
def test_only_one_spelling_of_each_tail_is_read(size: int) -> None:
    """Of all endings of two or three letters, just those are read that writing gives."""
    read = 0
    for last in itertools.product(LETTERS, repeat=2):
        text = "A" * (size - 2) + "".join(last)
        try:
            raw = unb64(text)
        except ValueError:
            continue
        read += 1
        assert b64(raw) == text
    assert read == {2: 256, 3: 1024}[size]


@pytest.mark.parametrize("text", ["", "A", "AAAAA", "AA==", "A A", "A+AA", "A/AA", "AAé", "AA\n"])
def test_what_is_not_base64url_is_refused(text: str) -> None:
    """Padding, white space, the other alphabet and a lone letter are refused with a ValueError."""
    with pytest.raises(ValueError, match="base64url"):
        unb64(text)
