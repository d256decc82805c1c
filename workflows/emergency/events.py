"""What can have happened to emergency power that somebody took. Reasons and findings lie in the
vault; times are ISO 8601 UTC."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class BreakGlassAsked:
    """`person` asks for emergency power for some hours; a second person confirms until a time."""

    person: str
    hours: int
    reason: Vaulted
    waits_until: str


@dataclass(frozen=True, slots=True)
class BreakGlassBegan:
    """It lasts until a time. `because` says who agreed: "two_people" (`confirmed_by`), or that one
    was enough: "nobody_else" is of staff, or the rule "emergency_by_one"."""

    person: str
    until: str
    confirmed_by: str
    because: str


@dataclass(frozen=True, slots=True)
class BreakGlassDropped:
    """It was taken back or turned down before it began."""


@dataclass(frozen=True, slots=True)
class BreakGlassEnded:
    """`why` is "time" or "hand"; whoever had no part in it reviews it until `review_by`."""

    why: str
    review_by: str


@dataclass(frozen=True, slots=True)
class BreakGlassReviewed:
    """`verdict` is justified or not_justified."""

    verdict: str
    finding: Vaulted
