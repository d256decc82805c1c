"""Confirm that somebody takes emergency power: the second of the two people, of any staff role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows import calendar
from workflows.context import Context
from workflows.emergency.events import BreakGlassBegan
from workflows.emergency.state import State
from workflows.errors import NotAllowed, NotNow


@dataclass(frozen=True, slots=True)
class ConfirmBreakGlass:
    stream: str


def reads(state: State, command: ConfirmBreakGlass) -> tuple[str, ...]:
    return (state.person,) if state.person else ()


def decide(state: State, command: ConfirmBreakGlass, context: Context) -> tuple[object, ...]:
    if context.actor.id == state.person:
        raise NotAllowed(
            "it takes two people", code="second_person", remedy="ask a colleague to confirm it"
        )
    if state.waits_until <= calendar.iso(context.now):
        raise NotNow(
            "its hour is up", code="not_proposed", remedy="whoever needs the power asks anew"
        )
    if not context.others[state.person].roles:
        raise NotAllowed("this person is of staff no more", code="no_staff", remedy="turn it down")
    until = calendar.iso(context.now + timedelta(hours=state.hours))
    return (BreakGlassBegan(state.person, until, context.actor.id, because="two_people"),)
