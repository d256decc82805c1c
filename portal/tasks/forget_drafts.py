"""An organization was closed: what it was writing, and what its directory said, goes."""

from __future__ import annotations

from portal.desk import client_secrets, directory_ends, drafts, sessions
from portal.identity import client_keys


def work(payload: dict[str, str]) -> None:
    """`payload`: organization."""
    org_id = payload["organization"]
    drafts.forget(org_id)
    directory_ends.forget_organization(org_id)
    client_secrets.forget(org_id, client_keys.PRIVATE_KEY_JWT, client_keys.CLIENT_SECRET)
    sessions.end_via(org_id)
