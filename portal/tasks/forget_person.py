"""After an erasure: nothing at the desk leads to the person, or signs anybody in as them."""

from __future__ import annotations

from portal.desk import (
    attempts,
    directory_entries,
    last_days,
    links,
    secrets,
    sessions,
    sign_on_subjects,
)


def work(payload: dict[str, str]) -> None:
    """`payload`: account."""
    account = payload["account"]
    attempts.forgive(account)  # finds the rows by the addresses that go next
    directory_entries.forget(account)  # so do these
    links.forget(account)
    sign_on_subjects.forget(account)
    secrets.forget_person(account)
    sessions.end_all(account)
    last_days.forget(account)
