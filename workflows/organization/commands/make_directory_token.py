"""Give the organization's directory a token, or the next one.

The earlier one goes on for a week, so that nothing stops while the new one is carried over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.context import Context
from workflows.errors import Invalid, NotNow
from workflows.organization.directory import LIFETIMES, MOST_TOKENS, OVERLAP_DAYS
from workflows.organization.events import (
    DirectoryTokenMade,
    DirectoryTokenRevoked,
    DirectoryTokenShortened,
)
from workflows.organization.state import State


@dataclass(frozen=True, slots=True)
class MakeDirectoryToken:
    """`token` is its id, `days` for how long it is accepted."""

    stream: str
    token: str
    days: int


def decide(state: State, command: MakeDirectoryToken, context: Context) -> tuple[object, ...]:
    if command.days not in LIFETIMES:
        raise Invalid(
            f"a token is not made for {command.days} days",
            remedy=f"one of {', '.join(map(str, LIFETIMES))}",
            fields={"days": "Choose for how long"},
        )
    if not any(claim.verified_at for claim in state.domains.values()):
        raise NotNow(
            "your organization has no proven domain",
            code="no_domain",
            remedy="prove a domain first: a directory speaks for addresses in it alone",
        )
    now = calendar.iso(context.now)
    tokens = state.directory.tokens
    over = [token for token, end in tokens.items() if end <= now]
    live = {token: end for token, end in tokens.items() if end > now}
    if len(live) >= MOST_TOKENS:
        raise NotNow(
            f"{MOST_TOKENS} tokens are accepted already",
            code="too_many_tokens",
            remedy="revoke the one that your directory no longer uses",
        )
    overlap = calendar.iso(context.now + timedelta(days=OVERLAP_DAYS))
    end = calendar.iso(context.now + timedelta(days=command.days))
    return (
        *(DirectoryTokenRevoked(token) for token in over),
        *(DirectoryTokenShortened(t, overlap) for t, until in live.items() if until > overlap),
        DirectoryTokenMade(command.token, end),
    )
