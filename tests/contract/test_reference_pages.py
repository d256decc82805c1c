"""Reference pages are printed from the code and stand in the repository as printed."""

from __future__ import annotations

import pytest

from docs.reference import generate


@pytest.mark.parametrize("name", sorted(generate.pages()))
def test_a_reference_page_is_what_the_code_prints(name: str) -> None:
    """A reference page equals what `make reference` prints now."""
    standing = (generate.HERE / name).read_text(encoding="utf-8")
    assert standing == generate.pages()[name], "run `make reference` and commit what it prints"


def test_the_states_page_draws_the_whole_way() -> None:
    """The diagram has every arrow of an application's way and none from a final phase."""
    drawn = generate.states()
    for arrow in (
        "[*] --> checking: submit", "checking --> reviewing: record_check",
        "checking --> reviewing: clear_check", "reviewing --> deciding: review",
        "deciding --> approved: decide", "deciding --> denied: decide",
        "reviewing --> withdrawn: withdraw", "active --> revoked: revoke",
        "active --> suspended: suspend", "suspended --> active: resume",
    ):  # fmt: skip
        assert arrow in drawn
    for final in ("approved", "denied", "withdrawn", "revoked", "expired"):
        assert f"    {final} -->" not in drawn
