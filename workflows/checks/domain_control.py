"""Whoever applies can write into the DNS of the domain that they name, or onto its web server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from workflows.checks.finding import Example, Finding, Line, Verdict
from workflows.organization.proofs import (
    CHALLENGE,
    DNS,
    FILE,
    PATH,
    Absence,
    FileOutcome,
    Outcome,
    absence,
    words,
)

__all__ = ["CHALLENGE", "PATH", "Facts", "FileOutcome", "Outcome", "found_by", "judge"]

VERSION = 2
LABEL = "Domain control"
SOURCE = "DNS and the domain's web server"


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at the challenge's name, and at its file where the name did not prove it.

    Attributes:
        domain: the claimed domain, in its ASCII form.
        expected: the token that was handed out, the whole value of TXT record or file; "" when
            none was, which nothing can prove.
        expires_at: until when the token can prove anything (aware); None once it has been
            proven and is only looked at again.
        looked_at: when the look ended (aware).
        outcome: what came of the look-up of TXT records.
        values: the TXT values found, the strings of one record joined (RFC 7208, 3.3).
        file: what came of asking for the file.
        text: the file's text without outer white space; "" unless there is one.
        proven_by: where the token was when it was last found, of "dns" and "file".
    """

    domain: str
    expected: str
    expires_at: datetime | None
    looked_at: datetime
    outcome: Outcome
    values: tuple[str, ...] = ()
    file: FileOutcome = FileOutcome.NOT_ASKED
    text: str = ""
    proven_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values and self.outcome is not Outcome.ANSWERED:
            raise ValueError(f"outcome {self.outcome} cannot carry values")
        if self.text and self.file is not FileOutcome.ANSWERED:
            raise ValueError(f"outcome {self.file} cannot carry a text")
        for at in (self.looked_at, self.expires_at):
            if at is not None and at.utcoffset() is None:
                raise ValueError("times must carry a time zone")


def found_by(expected: str, values: Collection[str], text: str) -> tuple[str, ...]:
    """Where the token is, of "dns" and "file": exactly it, and not "" where none was handed out."""
    if not expected:
        return ()
    return tuple(
        way for way, there in ((DNS, expected in values), (FILE, text == expected)) if there
    )


def judge(facts: Facts) -> Finding:
    """Pass on the exact token in time, either way; unavailable when nobody answered; else fail."""
    where = _where(facts)
    if not facts.expected:
        remedy = "Claim the domain, publish its challenge, and check again."
        return _fail("No challenge was handed out for this domain, so nothing can prove it.",
                     (*where, Line("Remedy", remedy)))  # fmt: skip
    if facts.expires_at is not None and facts.looked_at >= facts.expires_at:
        remedy = "Ask for a new challenge, publish it, and check again."
        return _fail(f"The challenge expired at {_moment(facts.expires_at)}, before this look.",
                     (*where, Line("Remedy", remedy)))  # fmt: skip
    ways = found_by(facts.expected, facts.values, facts.text)
    if ways:
        found = "in the file" if ways == (FILE,) else "in a TXT record"
        return Finding(
            Verdict.PASS, 0, f"The token was found {found} at {_moment(facts.looked_at)}.", where
        )
    if absence(facts.outcome, facts.file, facts.proven_by) is Absence.DENIED:
        return _not_found(facts, where)
    summary = f"The look at {_moment(facts.looked_at)} got no answer: DNS {facts.outcome}"
    return Finding(
        Verdict.UNAVAILABLE,
        0,
        f"{summary}, file {facts.file}.",
        (*where, Line("Remedy", "Nothing to do: it is looked at again.")),
    )


def _where(facts: Facts) -> tuple[Line, ...]:
    name = Line("Looked at", f"{CHALLENGE}.{facts.domain} TXT")
    if facts.file is FileOutcome.NOT_ASKED:
        return (name,)
    return (name, Line("And at", f"https://{facts.domain}{PATH}"))


def _fail(summary: str, detail: tuple[Line, ...]) -> Finding:
    return Finding(Verdict.FAIL, 0, summary, detail)


def _not_found(facts: Facts, where: tuple[Line, ...]) -> Finding:
    found = tuple(Line("Found", value) for value in (*facts.values, facts.text) if value)
    remedy = (
        f"Publish a TXT record at {CHALLENGE}.{facts.domain}, or a file at "
        f"https://{facts.domain}{PATH}, whose whole content is the token. Wait for a record's "
        "time to live to pass, and check again."
    )
    problem = _in_record(facts)
    if facts.file is not FileOutcome.NOT_ASKED:
        problem = f"{problem}; {_in_file(facts)}"
    return _fail(f"The token was not found at {_moment(facts.looked_at)}: {problem}.",
                 (*where, *found, Line("Remedy", remedy)))  # fmt: skip


def _in_record(facts: Facts) -> str:
    if facts.outcome is not Outcome.ANSWERED:
        return words(facts.outcome)
    if any(_bare(value) == _bare(facts.expected) for value in facts.values):
        return "the token is there with quotes, spaces or another case around it"
    return f"{len(facts.values)} TXT values are there and none is the token"


def _in_file(facts: Facts) -> str:
    if facts.file is FileOutcome.ANSWERED and _bare(facts.text) == _bare(facts.expected):
        return "the file holds the token with quotes, spaces or another case around it"
    return words(facts.file)


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
_BY_FILE = replace(
    _FOUND, outcome=Outcome.NO_NAME, values=(), file=FileOutcome.ANSWERED, text="tap-7f3kq9"
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
    Example("no record, and the file is the token", _BY_FILE, Verdict.PASS),
    Example(
        "the name servers are silent, and the file is the token",
        replace(_BY_FILE, outcome=Outcome.TIMEOUT),
        Verdict.PASS,
    ),
    Example(
        "an empty file proves no domain that nobody claimed",
        replace(_BY_FILE, expected="", text=""),
        Verdict.FAIL,
    ),
    Example(
        "a page of the web server stands where the file should",
        replace(_BY_FILE, text="<html>tap-7f3kq9</html>"),
        Verdict.FAIL,
    ),
    Example(
        "neither record nor file, and the web server sends us elsewhere",
        replace(_BY_FILE, file=FileOutcome.REDIRECTED, text=""),
        Verdict.FAIL,
    ),
    Example(
        "proven by the file, and the web server is down",
        replace(_BY_FILE, expires_at=None, file=FileOutcome.NETWORK, text="", proven_by=("file",)),
        Verdict.UNAVAILABLE,
    ),
)
