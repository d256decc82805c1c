"""End a person's sessions: they left an organization, or were removed from it.

What they may do was taken away with the event itself, because memberships are read at every
request; this makes them sign in again wherever they still were.
"""

from __future__ import annotations

from portal.desk import sessions


def work(payload: dict[str, str]) -> None:
    """`payload`: account."""
    sessions.end_all(payload["account"])
