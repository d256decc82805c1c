"""Whoever applies can write into the DNS of the domain that they name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from workflows.checks.finding import Example, Finding, Line, Verdict

VERSION = 1
LABEL = "Domain control"
SOURCE = "DNS"

CHALLENGE = "_trusted-access-challenge"


class Outcome(StrEnum):
    """What came of one look-up of TXT records."""

    ANSWERED = "answered"  # there are TXT records: see the values
    NO_RECORD = "no-record"  # the name exists and has no TXT record (NODATA, RFC 2308)
    NO_NAME = "no-name"  # the name does not exist (NXDOMAIN, RFC 8020)
    TOO_LARGE = "too-large"  # more or longer records than anybody needs
    TIMEOUT = "timeout"
    SERVER_FAILURE = "server-failure"  # SERVFAIL, among others when DNSSEC is broken
    REFUSED = "refused"
    NETWORK = "network"  # unreachable, or not an answer that can be read
    NO_RESOLVER = "no-resolver"  # this machine has none configured


_THEIRS = {
    Outcome.NO_RECORD: "the name exists and has no TXT record",
    Outcome.NO_NAME: "the name does not exist",
    Outcome.TOO_LARGE: "the name has more or longer TXT records than are read",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at the challenge's name.

    Attributes:
        domain: the claimed domain, in its ASCII form.
        expected: the token that was handed out, the TXT record's whole value; "" when none
            was, which no record can prove.
        expires_at: until when the token can prove anything (aware); None once it has been
            proven and is only looked at again.
        looked_at: when the look-up ended (aware).
        outcome: what came of it.
        values: the TXT values found, the strings of one record joined (RFC 7208, 3.3).
    """

    domain: str
    expected: str
    expires_at: datetime | None
    looked_at: datetime
    outcome: Outcome
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values and self.outcome is not Outcome.ANSWERED:
            raise ValueError(f"outcome {self.outcome} cannot carry values")
        for at in (self.looked_at, self.expires_at):
            if at is not None and at.utcoffset() is None:
                raise ValueError("times must carry a time zone")


def judge(facts: Facts) -> Finding:
    """Pass on the exact token in time; unavailable when nobody answered; else fail."""
    where = Line("Looked at", f"{CHALLENGE}.{facts.domain} TXT")
    if not facts.expected:
        return Finding(
            Verdict.FAIL,
            0,
            "No challenge was handed out for this domain, so nothing can prove it.",
            (where, Line("Remedy", "Claim the domain, publish its challenge, and check again.")),
        )
    if facts.expires_at is not None and facts.looked_at >= facts.expires_at:
        return Finding(
            Verdict.FAIL,
            0,
            f"The challenge expired at {_moment(facts.expires_at)}, before this look.",
            (where, Line("Remedy", "Ask for a new challenge, publish it, and check again.")),
        )
    if facts.outcome is Outcome.ANSWERED:
        return _compare(facts, where)
    if facts.outcome in _THEIRS:
        return _not_found(facts, where, _THEIRS[facts.outcome])
    return Finding(
        Verdict.UNAVAILABLE,
        0,
        f"The look-up at {_moment(facts.looked_at)} got no answer: {facts.outcome}.",
        (where, Line("Remedy", "Nothing to do: the name is looked up again.")),
    )


def _compare(facts: Facts, where: Line) -> Finding:
    if facts.expected in facts.values:
        return Finding(
            Verdict.PASS, 0, f"The token was found at {_moment(facts.looked_at)}.", (where,)
        )
    if any(_bare(value) == _bare(facts.expected) for value in facts.values):
        problem = "the token is there with quotes, spaces or another case around it"
    else:
        problem = f"{len(facts.values)} TXT values are there and none is the token"
    found = tuple(Line("Found", value) for value in facts.values)
    return _not_found(facts, where, problem, found)


def _not_found(facts: Facts, where: Line, problem: str, found: tuple[Line, ...] = ()) -> Finding:
    remedy = (
        f"Publish a TXT record at {CHALLENGE}.{facts.domain} whose whole value is the token, "
        "wait for the record's time to live to pass, and check again."
    )
    return Finding(
        Verdict.FAIL,
        0,
        f"The token was not found at {_moment(facts.looked_at)}: {problem}.",
        (where, *found, Line("Remedy", remedy)),
    )


def _bare(value: str) -> str:
    return value.strip(" \t\"'").casefold()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_FOUND = Facts(
    domain="defender.example",
    expected="tap-7f3kq9",
    expires_at=datetime(2026, 1, 8, tzinfo=UTC),
    looked_at=datetime(2026, 1, 2, tzinfo=UTC),
    outcome=Outcome.ANSWERED,
    values=("v=spf1 -all", "tap-7f3kq9"),
)

EXAMPLES: tuple[Example[Facts], ...] = (
    Example("the token is one of the TXT records", _FOUND, Verdict.PASS),
    Example(
        "a proven domain still carries its token, long after the challenge's last day",
        replace(_FOUND, expires_at=None, looked_at=datetime(2027, 1, 2, tzinfo=UTC)),
        Verdict.PASS,
    ),
    Example("another value is there", replace(_FOUND, values=("tap-other",)), Verdict.FAIL),
    Example(
        "the token is part of a longer value",
        replace(_FOUND, values=("token=tap-7f3kq9",)),
        Verdict.FAIL,
    ),
    Example(
        "the name does not exist",
        replace(_FOUND, outcome=Outcome.NO_NAME, values=()),
        Verdict.FAIL,
    ),
    Example(
        "the token is there, a second too late",
        replace(_FOUND, looked_at=datetime(2026, 1, 8, tzinfo=UTC)),
        Verdict.FAIL,
    ),
    Example(
        "an empty record proves no domain that nobody claimed",
        replace(_FOUND, expected="", expires_at=None, values=("",)),
        Verdict.FAIL,
    ),
    Example(
        "no name server answered in time",
        replace(_FOUND, outcome=Outcome.TIMEOUT, values=()),
        Verdict.UNAVAILABLE,
    ),
    Example(
        "the zone's DNSSEC is broken, so the resolver answers SERVFAIL",
        replace(_FOUND, outcome=Outcome.SERVER_FAILURE, values=()),
        Verdict.UNAVAILABLE,
    ),
)
