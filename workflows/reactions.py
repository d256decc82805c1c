"""What follows from an event: further commands in the same transaction, and effects after it.

Pure: event in, commands and effects out. Whatever needs the outside world is an `Effect`: a job
row that is written with the event and worked off later, at least once, under its own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workflows.account import events as account
from workflows.application import events as application
from workflows.grant import events as grant
from workflows.grant.commands.open import Open as OpenGrant


@dataclass(frozen=True, slots=True)
class Effect:
    """Work for later. `key` makes it one: a second effect with the same key is the same work.

    Attributes:
        kind: names a file in `portal/tasks/`.
        payload: ids only; never personal text.
        due: ISO 8601 UTC, or "" for at once.
    """

    kind: str
    key: str
    payload: dict[str, str] = field(default_factory=dict)
    due: str = ""


def react(stream: str, seq: int, event: object) -> Iterator[object]:
    """Commands and effects that follow from `event`, entry `seq` of `stream`."""
    reaction = _REACTIONS.get(type(event))
    if reaction is not None:
        yield from reaction(stream, seq, event)


def _gather(stream: str, seq: int, event: application.CheckRequested) -> Iterator[object]:
    yield Effect(
        kind="make_check",
        key=f"check:{stream}:{event.check}:{event.round}",
        payload={"application": stream, "check": event.check, "round": str(event.round)},
    )


def _grant(stream: str, seq: int, event: application.Decided) -> Iterator[object]:
    if event.outcome == "approved":
        yield OpenGrant(stream=event.grant_id, application=stream)
    yield _notice("decided", stream, seq)


def _end(stream: str, seq: int, event: grant.Opened) -> Iterator[object]:
    yield Effect("expire_grant", f"expire:{stream}", {"grant": stream}, due=event.expires_at)


def _notice(what: str, stream: str, seq: int) -> Effect:
    return Effect("send_notice", f"notice:{what}:{stream}:{seq}", {"what": what, "stream": stream})


def _tell(what: str) -> Callable[[str, int, Any], Iterator[object]]:
    def told(stream: str, seq: int, event: object) -> Iterator[object]:
        yield _notice(what, stream, seq)

    return told


_REACTIONS: dict[type, Callable[[str, int, Any], Iterator[object]]] = {
    account.PasskeyAdded: _tell("passkey_added"),
    application.Submitted: _tell("submitted"),
    application.CheckRequested: _gather,
    application.Decided: _grant,
    grant.Opened: _end,
    grant.Suspended: _tell("suspended"),
    grant.Resumed: _tell("resumed"),
    grant.Revoked: _tell("revoked"),
    grant.Expired: _tell("expired"),
}
