"""Ask to join an organization by an address in one of its proven domains; an admin answers.

That the address is the person's is established at the door, which knows addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.context import Context
from workflows.errors import Conflict, NotFound, NotNow
from workflows.organization.events import JoinRequested
from workflows.organization.state import State

MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class RequestToJoin:
    """`domain` is that of a proven address of the actor; `expires_at` is ISO 8601 UTC."""

    stream: str
    domain: str
    expires_at: str


def decide(state: State, command: RequestToJoin, context: Context) -> tuple[object, ...]:
    claim = state.domains.get(command.domain)
    if not state.joining or claim is None or not claim.stands:
        # The same as for an organization that is not there.
        raise NotFound("there is no such organization")
    if context.actor.id in state.members:
        raise Conflict("you are a member already", remedy="nothing is left to do")
    now = calendar.iso(context.now)
    if state.requests.get(context.actor.id, "") > now:
        return ()
    if sum(end > now for end in state.requests.values()) >= MOST_WAITING:
        raise NotNow(
            f"{MOST_WAITING} people wait for an answer of this organization",
            code="too_many_requests",
            remedy="ask a colleague there to invite you",
        )
    return (JoinRequested(context.actor.id, command.domain, command.expires_at),)
