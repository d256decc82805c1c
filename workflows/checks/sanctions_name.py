"""Nobody on a sanctions list gets through unseen, and nobody is denied by a likeness.

A hit sends the application to a person, who clears it with a reason or does not. The evidence
says how alike two names are; this file says what that weighs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from workflows.checks.finding import CERTAIN, Example, Finding, Line, Verdict

VERSION = 1
LABEL = "Sanctions list"
SOURCE = "a sanctions list named by the operator"

THRESHOLD = 700  # per mille; at or above it a person looks

WEIGHTS = {"name": 1000, "lei": 950, "identifier": 850, "weak_alias": 800}  # per mille

# What a contradiction takes off, per mille, and from which features. An LEI is one in the
# world (ISO 17442), so no country speaks against it; numbers in a name speak of names only.
PENALTIES = {"country_mismatch": 200, "numbers_mismatch": 250}
_TOUCHES = {
    "country_mismatch": {"name", "weak_alias", "identifier"},
    "numbers_mismatch": {"name", "weak_alias"},
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One list entry that is like the subject.

    Attributes:
        uid: the entry's identifier on the list, like "ofac-sdn:9001".
        entry_digest: hex SHA-256 of the entry; a clearance holds while it stays the same.
        features: (feature, per mille) in any order: a likeness for each key of `WEIGHTS` that
            was compared, a strength for each key of `PENALTIES` that was seen.
        listed_name: the entry's main name.
        matched_name: the spelling on the list that was most alike.
        subject_name: the subject's name that it was alike to.
        countries: the entry's countries, as the list writes them.
        programs: the entry's sanctions programs.

    Raises:
        ValueError: an unknown feature, or a strength outside 0 to 1000.
    """

    uid: str
    entry_digest: str
    features: tuple[tuple[str, int], ...]
    listed_name: str
    matched_name: str
    subject_name: str
    countries: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for feature, strength in self.features:
            if feature not in WEIGHTS and feature not in PENALTIES:
                raise ValueError(f"unknown feature {feature!r}")
            if not 0 <= strength <= CERTAIN:
                raise ValueError(f"{feature} must be 0 to {CERTAIN} per mille, not {strength}")


@dataclass(frozen=True, slots=True)
class Facts:
    """One screening of one subject against one list.

    Attributes:
        list_name: what reviewers call the list.
        list_digest: hex SHA-256 of the copy used; "" when there is none.
        list_imported_at: when that copy was read whole (aware); None when there is none.
        looked_at: when the subject was compared (aware).
        max_age: seconds for which an import counts as fresh.
        subject: what was screened, for the reviewer: names, country.
        names_screened: how many names of the subject could be compared.
        candidates: the entries most alike; everything left out is less alike than these.
    """

    list_name: str
    list_digest: str
    list_imported_at: datetime | None
    looked_at: datetime
    max_age: int
    subject: str
    names_screened: int
    candidates: tuple[Candidate, ...] = ()

    def __post_init__(self) -> None:
        for at in (self.looked_at, self.list_imported_at):
            if at is not None and at.utcoffset() is None:
                raise ValueError("times must carry a time zone")


def weigh(candidate: Candidate) -> int:
    """The best weighted feature after what speaks against it: per mille, 0 to 1000."""
    seen = dict(candidate.features)
    return max((_weigh_feature(f, seen) for f in seen if f in WEIGHTS), default=0)


def _weigh_feature(feature: str, seen: dict[str, int]) -> int:
    likeness = WEIGHTS[feature] * seen[feature]
    against = sum(
        PENALTIES[p] * seen.get(p, 0) for p, touched in _TOUCHES.items() if feature in touched
    )
    return max(0, likeness - against) // CERTAIN


def judge(facts: Facts) -> Finding:
    """Unavailable without a list, stale on an old one, else a person decides on any hit."""
    if not facts.list_digest or facts.list_imported_at is None:
        return Finding(
            Verdict.UNAVAILABLE, 0, "No sanctions list has been imported, so nothing was compared."
        )
    weighed = sorted(((weigh(c), c) for c in facts.candidates), key=lambda pair: -pair[0])
    hits = [(score, c) for score, c in weighed if score >= THRESHOLD]
    best = weighed[0][0] if weighed else 0
    detail = (
        Line("Screened", facts.subject),
        Line("List", f"{facts.list_name}, copy {facts.list_digest[:16]}"),
        *(_describe(score, c) for score, c in hits),
    )
    age = int((facts.looked_at - facts.list_imported_at).total_seconds())
    if not 0 <= age <= facts.max_age:
        return Finding(Verdict.STALE, best, _why_stale(facts, age), detail)
    if facts.names_screened < 1:
        return Finding(
            Verdict.NEEDS_HUMAN, best, "The subject has no name that can be compared.", detail
        )
    copy = f"copy {facts.list_digest[:16]} of {_moment(facts.list_imported_at)}"
    if hits:
        entries = "1 entry" if len(hits) == 1 else f"{len(hits)} entries"
        return Finding(
            Verdict.NEEDS_HUMAN,
            best,
            f"{entries} at or above {THRESHOLD} per mille, the best at {best}; {copy}.",
            detail,
        )
    return Finding(
        Verdict.PASS, best, f"No entry at or above {THRESHOLD}, the best at {best}; {copy}.", detail
    )


def _why_stale(facts: Facts, age: int) -> str:
    if age < 0:
        return "The list's import lies after this look, so its age cannot be told."
    return f"The list was imported {age} seconds ago and counts as fresh for {facts.max_age}."


def _describe(score: int, candidate: Candidate) -> Line:
    features = ", ".join(f"{name} {strength}" for name, strength in candidate.features)
    where = "; ".join(candidate.countries) or "no country given"
    return Line(
        f"{candidate.uid} at {score}",
        f"{candidate.subject_name!r} is like {candidate.matched_name!r} "
        f"({candidate.listed_name}; {where}; {', '.join(candidate.programs) or 'no program'}): "
        f"{features}",
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_NEAR = Candidate(
    uid="ofac-sdn:9001",
    entry_digest="ab" * 32,
    features=(("name", 930),),
    listed_name="SEVERNY FONAR TRADING LLC",
    matched_name="SEVERNY FONAR TRADING LLC",
    subject_name="Severnyy Fonar OOO",
    countries=("Russia",),
    programs=("SAMPLE-CYBER",),
)
_CLEAR = Facts(
    list_name="OFAC SDN (synthetic sample)",
    list_digest="cd" * 32,
    list_imported_at=datetime(2026, 1, 2, tzinfo=UTC),
    looked_at=datetime(2026, 1, 3, tzinfo=UTC),
    max_age=7 * 86_400,
    subject="Lantern Works, Norway",
    names_screened=1,
)


def _with(*features: tuple[str, int]) -> Facts:
    return replace(_CLEAR, candidates=(replace(_NEAR, features=features),))


EXAMPLES: tuple[Example[Facts], ...] = (
    Example("nothing on the list is like the name", _CLEAR, Verdict.PASS),
    Example("a name far from alike", _with(("name", 699)), Verdict.PASS),
    Example("a name just alike enough", _with(("name", THRESHOLD)), Verdict.NEEDS_HUMAN),
    Example("a likely transliteration", _with(("name", 930)), Verdict.NEEDS_HUMAN),
    Example(
        "the same name in another country is still a person's to clear",
        _with(("name", 1000), ("country_mismatch", 1000)),
        Verdict.NEEDS_HUMAN,
    ),
    Example(
        "a fairly alike name in another country",
        _with(("name", 880), ("country_mismatch", 1000)),
        Verdict.PASS,
    ),
    Example(
        "the same words around another number",
        _with(("name", 940), ("numbers_mismatch", 1000)),
        Verdict.PASS,
    ),
    Example("a weak alias, spelled the same", _with(("weak_alias", 1000)), Verdict.NEEDS_HUMAN),
    Example("a weak alias, spelled nearly the same", _with(("weak_alias", 870)), Verdict.PASS),
    Example(
        "the same LEI under another name and country",
        _with(("lei", 1000), ("name", 200), ("country_mismatch", 1000)),
        Verdict.NEEDS_HUMAN,
    ),
    Example(
        "a name of signs only, which nothing can be compared with",
        replace(_CLEAR, names_screened=0),
        Verdict.NEEDS_HUMAN,
    ),
    Example(
        "an import that is too old passes nobody",
        replace(_CLEAR, looked_at=datetime(2026, 1, 9, 0, 0, 1, tzinfo=UTC)),
        Verdict.STALE,
    ),
    Example(
        "a hit on an old copy stays stale until it is compared with a fresh one",
        replace(_with(("name", 1000)), looked_at=datetime(2026, 2, 1, tzinfo=UTC)),
        Verdict.STALE,
    ),
    Example(
        "no list was ever imported",
        replace(_CLEAR, list_digest="", list_imported_at=None),
        Verdict.UNAVAILABLE,
    ),
)
