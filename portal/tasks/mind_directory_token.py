"""A directory's token ends in two weeks: tell those who look after the organization."""

from __future__ import annotations

from portal.boards import directories
from portal.ledger import outbox
from workflows.reactions import Effect


def work(payload: dict[str, str]) -> None:
    """`payload`: organization, token. Nothing to tell when another followed it, or it is gone."""
    org_id, token = payload["organization"], payload["token"]
    newest = next(iter(directories.tokens_for_robot(org_id)), None)
    if newest is not None and newest.id == token:
        told = {"what": "directory_token_ends", "stream": org_id, "account": "", "seq": token}
        outbox.enqueue(Effect("send_notice", f"notice:token:{token}", told))
