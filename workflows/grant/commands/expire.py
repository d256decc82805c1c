"""Let a grant end when its time has come; the one thing a clock does to access here."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import NotNow
from workflows.grant.events import Expired
from workflows.grant.state import State


@dataclass(frozen=True, slots=True)
class Expire:
    stream: str


def decide(state: State, command: Expire, context: Context) -> tuple[object, ...]:
    if calendar.iso(context.now) < state.expires_at:
        raise NotNow("the grant has not reached its end", code="not_expired")
    return (Expired(),)
