"""Erasable personal data and files, encrypted; the ledger keeps salted digests of them."""

from portal.vault.keep import (
    Erased,
    discard,
    drop,
    erase,
    holds,
    keyed_digest,
    put,
    read,
    read_many,
    seal,
    sweep,
    text,
    texts,
    unseal,
    unseal_all,
)

__all__ = [
    "Erased", "discard", "drop", "erase", "holds", "keyed_digest", "put", "read", "read_many",
    "seal", "sweep", "text", "texts", "unseal", "unseal_all",
]  # fmt: skip
