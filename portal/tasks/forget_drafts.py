"""An organization was closed: what it was writing, and what its directory said, goes."""

from __future__ import annotations

from portal.desk import directory_ends, drafts


def work(payload: dict[str, str]) -> None:
    """`payload`: organization."""
    drafts.forget(payload["organization"])
    directory_ends.forget_organization(payload["organization"])
