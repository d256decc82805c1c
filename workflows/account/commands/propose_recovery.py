"""Propose to give somebody their way back in; a second person confirms it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import RecoveryProposed
from workflows.account.recovery import WAITS, check_may_help, check_not_elsewhere
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import Conflict


@dataclass(frozen=True, slots=True)
class ProposeRecovery:
    """`organization` is the one whose admins do it, "" for program staff; `elsewhere` says that the
    person belongs to another organization too."""

    stream: str
    organization: str
    elsewhere: bool = False


def reads(state: State, command: ProposeRecovery) -> tuple[str, ...]:
    return (command.organization,) if command.organization else ()


def decide(state: State, command: ProposeRecovery, context: Context) -> tuple[object, ...]:
    check_may_help(state, command.organization, context)
    check_not_elsewhere(command.organization, command.elsewhere)
    waiting = state.recovery
    if waiting is not None and (waiting.due or waiting.expires_at > calendar.iso(context.now)):
        raise Conflict("a recovery is under way already", remedy="confirm or cancel that one")
    end = calendar.iso(context.now + WAITS)
    return (RecoveryProposed(command.organization, proposed_by=context.actor.id, expires_at=end),)
