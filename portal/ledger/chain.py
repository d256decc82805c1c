"""The digest that ties an event to the one before it in its stream."""

from __future__ import annotations

import hashlib

from portal.ledger.codec import canonical

GENESIS = "0" * 64


def digest(
    *,
    stream: str,
    seq: int,
    kind: str,
    name: str,
    version: int,
    at: str,
    actor: str,
    data: str,
    prev: str,
) -> str:
    """Hex SHA-256 over the canonical JSON of every column of the event and `prev`.

    `data` enters as the text that is stored, so that verification needs no knowledge of what
    the event means.
    """
    return hashlib.sha256(
        canonical(
            {
                "stream": stream,
                "seq": seq,
                "kind": kind,
                "name": name,
                "version": version,
                "at": at,
                "actor": actor,
                "data": data,
                "prev": prev,
            }
        ).encode()
    ).hexdigest()
