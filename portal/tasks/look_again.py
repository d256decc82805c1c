"""Look at a proven domain again: is its proof still there?"""

from __future__ import annotations

from portal.evidence import domains


def work(payload: dict[str, str]) -> None:
    """`payload`: organization, domain."""
    domains.look_again(payload["organization"], payload["domain"])
