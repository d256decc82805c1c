"""An account is erased tomorrow: tell its person, if they did not take it back."""

from __future__ import annotations

from portal.boards import accounts
from portal.ledger import outbox
from workflows.reactions import Effect


def work(payload: dict[str, str]) -> None:
    """`payload`: account, due."""
    account, due = payload["account"], payload["due"]
    row = accounts.get(account)
    if row is not None and row.erasure_due == due:
        told = {"what": "erasure_reminder", "stream": account, "account": "", "seq": due}
        outbox.enqueue(Effect("send_notice", f"notice:erasure:{account}:{due}", told))
