"""A sanctions list in memory, and the entries on it that are like a subject.

Any list's parser makes `Entry` rows; `workflows.checks.sanctions_name` weighs what comes out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property

from rapidfuzz import fuzz, process

from portal.evidence.countries import disjoint
from portal.evidence.names import SAME, Name, alike, comparable, numbers_differ
from workflows.checks.sanctions_name import THRESHOLD, Candidate, Facts, weigh

# Kinds of entry that a kind of subject is compared with. A one-person organization may be
# listed as a person; ships and aircraft do not apply for access.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "organization": ("entity", "individual"),
    "person": ("individual",),
    "": ("entity", "individual", "vessel", "aircraft"),
}
_NEAREST = 60  # spellings taken from each of the two searches
_CUTOFF = 60  # per cent of the searched keys
_COMMON = 500  # a word in more spellings than this finds nothing by itself
_FLOOR = 400  # per mille of weight; what weighs less is not worth a line
_SIGNS = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name. `weak` is the list's own word: broad, of little use by itself."""

    name: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that a list gives: its kind as the list writes it, the value, country or ""."""

    kind: str
    value: str
    country: str = ""

    @property
    def is_lei(self) -> bool:
        """True for an ISO 17442 code, which OFAC calls a Legal Entity Number."""
        return self.kind.casefold() in ("legal entity number", "lei")


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed party, in the list's own words.

    Attributes:
        uid: unique over all lists, like "ofac-sdn:9001".
        kind: "entity", "individual", "vessel" or "aircraft".
        countries: of addresses, nationality, birth, flag and documents; each once.
    """

    uid: str
    name: str
    kind: str
    programs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    remarks: str = ""

    def digest(self) -> str:
        """Hex SHA-256 over everything that the list says of this party."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SanctionsList:
    """One whole copy of a list.

    Attributes:
        source: the list's identifier, like "ofac-sdn".
        digest: hex SHA-256 over the files that it was read from.
        entries: in the order of the file.
        counts: what was read: "entries", "aliases", "weak_aliases", "addresses" ...
    """

    source: str
    digest: str
    entries: tuple[Entry, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def index(self) -> Index:
        """Prepared at first use and kept: seconds for 20,000 entries."""
        return Index(self.entries)


@dataclass(frozen=True, slots=True)
class _Spelling:
    entry: Entry
    weak: bool
    name: Name


class _Shelf:
    """The spellings of one kind of entry, found by nearness of the key or by a rare word."""

    def __init__(self) -> None:
        self.spellings: list[_Spelling] = []
        self.keys: list[str] = []
        self.unspaced: list[str] = []
        self.by_word: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, spelling: _Spelling) -> None:
        if not spelling.name:
            return
        for word in set(spelling.name.skeletons):
            self.by_word[word].append(len(self.spellings))
        self.spellings.append(spelling)
        self.keys.append(spelling.name.key)
        self.unspaced.append(spelling.name.unspaced)

    def near(self, name: Name) -> Iterator[_Spelling]:
        """Spellings worth comparing word by word; a bounded number, the likeliest first."""
        found = dict.fromkeys(_nearest(name.key, self.keys))
        if name.syllabic:
            found.update(dict.fromkeys(_nearest(name.unspaced, self.unspaced)))
        found.update(dict.fromkeys(self._sharing_rare_words(name)))
        return (self.spellings[at] for at in found)

    def _sharing_rare_words(self, name: Name) -> list[int]:
        shared: defaultdict[int, float] = defaultdict(float)
        for word in set(name.skeletons):
            holders = self.by_word.get(word, ())
            if len(holders) <= _COMMON:
                for at in holders:
                    shared[at] += 1 / len(holders)
        return sorted(shared, key=lambda at: -shared[at])[:_NEAREST]


def _nearest(key: str, keys: list[str]) -> list[int]:
    found = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=_CUTOFF, limit=_NEAREST)
    return [at for _, _, at in found]


class Index:
    """Every spelling on a list made comparable once, and every identifier."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._shelves: defaultdict[str, _Shelf] = defaultdict(_Shelf)
        self._by_identifier: defaultdict[str, list[tuple[Entry, bool]]] = defaultdict(list)
        for entry in entries:
            person = entry.kind == "individual"
            for name, weak in ((entry.name, False), *((a.name, a.weak) for a in entry.aliases)):
                spelling = _Spelling(entry, weak, comparable(name, person=person))
                self._shelves[entry.kind].add(spelling)
            for identifier in entry.identifiers:
                value = _bare(identifier.value)
                if len(value) > 4:
                    self._by_identifier[value].append((entry, identifier.is_lei))

    def near(self, name: Name, kinds: Iterable[str]) -> Iterator[_Spelling]:
        for kind in kinds:
            if kind in self._shelves:
                yield from self._shelves[kind].near(name)

    def with_identifier(self, value: str) -> tuple[tuple[Entry, bool], ...]:
        """(entry, whether the value is its LEI) for everyone who has this number."""
        return tuple(self._by_identifier.get(_bare(value), ()))


@dataclass
class _Best:
    """The best likeness to one entry so far, by feature."""

    entry: Entry
    features: dict[str, int] = field(default_factory=dict)
    numbers_differ: bool = False
    matched: str = ""
    subject: str = ""
    weight: int = -1


def candidates(
    sanctions: SanctionsList,
    name: str,
    kind: str = "organization",
    country: str = "",
    *,
    other_names: tuple[str, ...] = (),
    identifiers: tuple[str, ...] = (),
    lei: str = "",
    limit: int = 10,
) -> tuple[Candidate, ...]:
    """The entries most like a subject, the weightiest first, as facts for the check.

    Args:
        sanctions: the list; its index is made at the first call.
        name: the subject's legal name, in any script.
        kind: "organization", "person", or "" for anything: see `COMPARED`.
        country: name or ISO 3166-1 code; "" when unknown, which speaks against nobody.
        other_names: aliases, trading and former names, each compared like the first.
        identifiers: registry, tax or other numbers; compared without signs, case aside.
        lei: the subject's LEI, or "".
        limit: how many entries at most. Entries at or above the check's threshold are never
            left out, so that more may come back.

    Raises:
        ValueError: an unknown kind.
    """
    if kind not in COMPARED:
        raise ValueError(f"kind must be one of {sorted(COMPARED)}, not {kind!r}")
    best: dict[str, _Best] = {}
    for subject in _subject_names(name, other_names, kind):
        for spelling in sanctions.index.near(subject, COMPARED[kind]):
            entry = spelling.entry
            _compare(best.setdefault(entry.uid, _Best(entry)), subject, spelling)
    for value in (*identifiers, lei):
        for entry, is_lei in sanctions.index.with_identifier(value) if value else ():
            seen = best.setdefault(entry.uid, _Best(entry))
            seen.features["lei" if is_lei else "identifier"] = SAME
    told = [(_features(seen, country), seen) for seen in best.values()]
    weighed = ((_weight(features), features, seen) for features, seen in told)
    ranked = sorted(weighed, key=lambda row: (-row[0], row[2].entry.uid))
    return tuple(
        _candidate(seen, features, name)
        for at, (weight, features, seen) in enumerate(ranked)
        if weight >= THRESHOLD or (at < limit and weight >= _FLOOR)
    )


def screen(
    sanctions: SanctionsList | None,
    name: str,
    kind: str = "organization",
    country: str = "",
    *,
    other_names: tuple[str, ...] = (),
    identifiers: tuple[str, ...] = (),
    lei: str = "",
    list_name: str,
    imported_at: datetime | None,
    looked_at: datetime,
    max_age: int,
) -> Facts:
    """The whole facts for `sanctions_name.judge`; `sanctions` None when there is no list."""
    subject = "; ".join((name, *other_names, country or "no country given"))
    found: tuple[Candidate, ...] = ()
    if sanctions is not None:
        found = candidates(
            sanctions,
            name,
            kind,
            country,
            other_names=other_names,
            identifiers=identifiers,
            lei=lei,
        )
    return Facts(
        list_name=list_name,
        list_digest=sanctions.digest if sanctions else "",
        list_imported_at=imported_at if sanctions else None,
        looked_at=looked_at,
        max_age=max_age,
        subject=subject,
        names_screened=len(_subject_names(name, other_names, kind)),
        candidates=found,
    )


def _subject_names(name: str, other_names: tuple[str, ...], kind: str) -> tuple[Name, ...]:
    made = (comparable(text, person=kind == "person") for text in (name, *other_names))
    return tuple({n.words: n for n in made if n}.values())


def _compare(seen: _Best, subject: Name, spelling: _Spelling) -> None:
    """Keep the spelling that weighs most; a feature keeps its likeness to that spelling."""
    likeness = alike(subject, spelling.name)
    feature = "weak_alias" if spelling.weak else "name"
    differ = numbers_differ(subject, spelling.name)
    numbers = (("numbers_mismatch", SAME),) if differ else ()
    weight = _weight(((feature, likeness), *numbers))
    if weight > seen.weight:
        seen.features.pop("name", None)
        seen.features.pop("weak_alias", None)
        seen.features[feature] = likeness
        seen.numbers_differ, seen.weight = differ, weight
        seen.matched, seen.subject = spelling.name.text, subject.text


def _weight(features: tuple[tuple[str, int], ...]) -> int:
    return weigh(Candidate("", "", features, "", "", ""))


def _features(seen: _Best, country: str) -> tuple[tuple[str, int], ...]:
    features = dict(seen.features)
    if disjoint((country,), seen.entry.countries):
        features["country_mismatch"] = SAME
    if seen.numbers_differ:
        features["numbers_mismatch"] = SAME
    return tuple(sorted(features.items()))


def _candidate(seen: _Best, features: tuple[tuple[str, int], ...], name: str) -> Candidate:
    entry = seen.entry
    return Candidate(
        uid=entry.uid,
        entry_digest=entry.digest(),
        features=features,
        listed_name=entry.name,
        matched_name=seen.matched or entry.name,
        subject_name=seen.subject or name,
        countries=entry.countries,
        programs=entry.programs,
    )


def _bare(value: str) -> str:
    return _SIGNS.sub("", value.upper())
