"""An engagement as its history tells it; who is in it stands in the organization's stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.engagement import events as e

PHASES = ("absent", "open", "closed")


@dataclass(frozen=True, slots=True)
class State:
    """`starts_on` and `ends_on` are ISO 8601 dates; `documented`: an authorization is there."""

    id: str = ""
    phase: str = "absent"
    org_id: str = ""
    workspace: str = ""
    starts_on: str = ""
    ends_on: str = ""
    documented: bool = False


def evolve(state: State, event: object) -> State:
    match event:
        case e.Opened():
            return replace(
                state,
                phase="open",
                org_id=event.org_id,
                workspace=event.workspace,
                starts_on=event.starts_on,
                ends_on=event.ends_on,
            )
        case e.Changed(starts_on=starts_on, ends_on=ends_on):
            # The document spoke of what was there before: it authorizes no other targets or days.
            return replace(state, starts_on=starts_on, ends_on=ends_on, documented=False)
        case e.DocumentAttached():
            return replace(state, documented=True)
        case e.Closed():
            return replace(state, phase="closed")
    raise TypeError(f"not an engagement event: {event!r}")
