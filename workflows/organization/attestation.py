"""Who of the members was spoken for, as an organization's history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.organization import events as e

EVENTS = (e.AttestationBegan, e.MemberAttested, e.MemberSuspended, e.MemberReinstated)


@dataclass(frozen=True, slots=True)
class Attested:
    """`due`: account -> until when they are spoken for (ISO 8601 UTC); whom the clock has not
    begun to count is absent. `suspended`: members whose membership opens nothing."""

    due: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    suspended: frozenset[str] = frozenset()


def evolve(present: Attested, event: object) -> Attested:
    """What stands after one of `EVENTS`."""
    match event:
        case e.AttestationBegan() | e.MemberAttested():
            return replace(present, due={**present.due, event.account: event.due})
        case e.MemberSuspended(account=account):
            return replace(present, suspended=present.suspended | {account})
        case e.MemberReinstated(account=account):
            return replace(present, suspended=present.suspended - {account})
    raise TypeError(f"not about attestation: {event!r}")


def without(present: Attested, account: str) -> Attested:
    """Somebody left, or handed the ownership on: if they are a member still, or again, the clock
    begins to count anew."""
    left = {k: v for k, v in present.due.items() if k != account}
    return Attested(left, present.suspended - {account})
