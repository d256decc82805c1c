"""Claim a domain: the token that proves it is handed in, to be put into its DNS or onto its
web server.

Claiming again replaces the token, so that an applicant can restart the proof at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid, NotNow
from workflows.organization.events import DomainClaimed
from workflows.organization.state import State

MOST = 50
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class ClaimDomain:
    """`domain` in lower case A-label form without a trailing dot; `expires_at` ISO 8601 UTC."""

    stream: str
    domain: str
    token: str
    expires_at: str


def is_domain(text: str) -> bool:
    """Whether the text is a host name of two or more labels (RFC 1123), lower case."""
    labels = text.split(".")
    return len(labels) > 1 and len(text) <= 253 and all(_LABEL.fullmatch(part) for part in labels)


def decide(state: State, command: ClaimDomain, context: Context) -> tuple[object, ...]:
    if not is_domain(command.domain):
        raise Invalid(
            "this is not a domain name",
            remedy="write the name alone, such as cert.example",
            fields={"domain": "Enter a domain name such as cert.example"},
        )
    present = state.domains.get(command.domain)
    if present is not None and present.verified_at:
        # A new token would undo the proof that access rests on.
        raise NotNow("this domain is proven already", remedy="nothing is left to do")
    if present is None and len(state.domains) >= MOST:
        raise NotNow(f"an organization claims {MOST} domains at most", remedy="give one up first")
    return (DomainClaimed(command.domain, command.token, command.expires_at),)
