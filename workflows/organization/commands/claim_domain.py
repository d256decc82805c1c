"""Claim a domain: the token that proves it is handed in, to be put into its DNS.

Claiming again replaces the token, so that an applicant can restart the proof at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.organization.events import DomainClaimed
from workflows.organization.state import State

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
    return (DomainClaimed(command.domain, command.token, command.expires_at),)
