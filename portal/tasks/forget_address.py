"""An address that is an account's no longer, and cannot be put back, is nobody's secret: forget it.

The former one a week after a change; the new one at once when the change was undone.
"""

from __future__ import annotations

from portal import vault
from portal.boards import accounts
from portal.desk import address_changes, addresses


def work(payload: dict[str, str]) -> None:
    """`payload`: account; change that had brought the address, its vault item; the change that
    this is of. Once that one was undone and cleared away there is nothing to do."""
    account = accounts.get(payload["account"])
    counts = account is not None and account.address_ref == payload["item"]
    if counts or address_changes.get(payload["of"]) is None:
        return
    addresses.release(payload["account"], payload["change"])
    vault.drop([payload["item"]])
    address_changes.done(payload["of"])
