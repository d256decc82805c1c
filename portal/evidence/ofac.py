"""OFAC's Specially Designated Nationals list in its CSV form: sdn.csv, alt.csv, add.csv.

Read as OFAC's data specification (dat_spec.txt) says: no header, commas, text in double
quotes, `-0-` for null, lines joined by the entry's number, a 0x1A byte at the end. Weak
aliases stand in the Remarks as `a.k.a. 'NAME'` (OFAC FAQ 123); alt.csv holds the strong ones.
All or nothing: one thing wrong, and nothing of the copy is used.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from portal.evidence.screening import Alias, Entry, Identifier, SanctionsList, candidates, screen

__all__ = ["FILES", "SOURCE", "ListInvalid", "SanctionsList", "candidates", "load", "screen"]

SOURCE = "ofac-sdn"
FILES = ("sdn.csv", "alt.csv", "add.csv")

MAX_FILE = 64 * 1024 * 1024  # bytes
MAX_LINE = 16 * 1024  # bytes; the specification's widest row has 2,018 characters
MAX_LINES = 500_000

_LONGEST_NUMBERED = 300  # characters of a remark that may be a number and its kind
_NULL = "-0-"
_END = b"\x1a"
_KINDS = {"": "entity", "individual": "individual", "vessel": "vessel", "aircraft": "aircraft"}
_ALIAS_KINDS = ("aka", "fka", "nka")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PROGRAMS = re.compile(r"[\]\[\s,;]*[\]\[,;][\]\[\s,;]*")

_WEAK = re.compile(r"[afn]\.k\.a\. '(?P<name>.+)'")
_NATION = re.compile(r"(?:alt\. )?(?:nationality|citizen) (?P<country>.+)")
_BORN = re.compile(r"(?:alt\. )?POB (?:.*, )?(?P<country>[^,]+)")
_NUMBERED = re.compile(
    r"(?:alt\. )?(?P<kind>(?:[A-Z][^;()#]*?)?(?:Number|No\.|ID|R\.?F\.?C\.?|FEIN|Passport|SSN|NIT"
    r"|RUC|RIF|CUIT|BIC|Code|IMO|License|MMSI|C\.R\.)(?: \([A-Z]+\))?)(?: (?:#|No\.|IMO))*"
    r" (?P<value>[0-9A-Z][^\s;()]*(?: [0-9][^\s;()]*)*)(?: \((?P<country>[^()]+)\))?"
)

T = TypeVar("T")


class ListInvalid(ValueError):
    """A copy that may not be used.

    Attributes:
        file: the file's name, like "alt.csv".
        line: counted from 1; 0 when it is the file as a whole.
        problem: what is wrong.
        remedy: what would be right.
    """

    def __init__(self, file: str, line: int, problem: str, remedy: str) -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {problem}. {remedy}.")
        self.file = file
        self.line = line
        self.problem = problem
        self.remedy = remedy


@dataclass
class _File:
    """One file while it is read: hashed and counted as it goes by."""

    path: Path
    width: int
    digest: str = ""
    ended: bool = False
    line: int = 0

    def wrong(self, problem: str, remedy: str) -> ListInvalid:
        return ListInvalid(self.path.name, self.line, problem, remedy)

    def rows(self) -> Iterator[list[str]]:
        """Each line's fields, nulls as ""; `digest` and `ended` hold once it is exhausted."""
        sha = hashlib.sha256()
        for raw in self._lines():
            sha.update(raw)
            text = raw.rstrip(b"\r\n")
            if self.ended and text:
                raise self.wrong("there is text after the end mark 0x1A", "Download it again")
            if text == _END:
                self.ended = True
            elif text or not self.ended:
                yield self._fields(text)
        if not self.line:
            raise self.wrong("the file is empty", "Download it again")
        self.digest = sha.hexdigest()

    def _lines(self) -> Iterator[bytes]:
        try:
            size = self.path.stat().st_size
            if size > MAX_FILE:
                raise self.wrong(f"it has {size} bytes", f"At most {MAX_FILE} are read")
            with self.path.open("rb") as stream:
                while raw := stream.readline(MAX_LINE + 1):
                    self.line += 1
                    self._check_line(raw)
                    yield raw
        except OSError as error:
            self.line = 0
            raise self.wrong(
                f"it cannot be read ({error.strerror})", f"The folder holds {', '.join(FILES)}"
            ) from error

    def _check_line(self, raw: bytes) -> None:
        if len(raw) > MAX_LINE:
            raise self.wrong("the line is too long", f"A line has at most {MAX_LINE} bytes")
        if self.line > MAX_LINES:
            raise self.wrong("there are too many lines", f"At most {MAX_LINES} are read")
        if not raw.endswith(b"\n") and raw != _END:
            raise self.wrong(
                "the file is cut off: its last line has no end", "Download it again, whole"
            )

    def _fields(self, text: bytes) -> list[str]:
        try:
            line = text.decode("utf-8")
        except UnicodeDecodeError:
            line = self._legacy(text)
        if _CONTROL.search(line):
            raise self.wrong("there is a control character", "Fields hold printable text only")
        try:
            fields = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise self.wrong(
                f"it is not a CSV record ({error})", "Text stands in double quotes, doubled inside"
            ) from error
        if len(fields) != self.width:
            raise self.wrong(f"it has {len(fields)} fields", f"There are {self.width} in each line")
        return ["" if f.strip() == _NULL else f.strip() for f in fields]

    def _legacy(self, text: bytes) -> str:
        """Older copies are in Windows' Latin-1."""
        try:
            return text.decode("cp1252")
        except UnicodeDecodeError as error:
            raise self.wrong("it is neither UTF-8 nor Latin-1", "Download it again") from error

    def number(self, value: str, what: str) -> int:
        if not value.isascii() or not value.isdigit() or len(value) > 10:
            raise self.wrong(f"{what} is {value!r}", f"{what} is a whole number of 1 to 10 digits")
        return int(value)


@dataclass
class _Draft:
    """An entry while its other lines are still to come."""

    name: str
    kind: str
    programs: tuple[str, ...]
    flag: str
    remarks: str
    aliases: list[Alias] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)

    def finish(self, uid: str) -> Entry:
        said = [segment.strip() for segment in self.remarks.rstrip(".").split("; ")]
        identifiers = _each(said, _identifier)
        weak = [Alias(name, weak=True) for name in _each(said, _part(_WEAK, "name"))]
        countries = (
            *self.countries,
            *_each(said, _part(_NATION, "country")),
            *_each(said, _part(_BORN, "country")),
            *(i.country for i in identifiers),
            self.flag,
        )
        return Entry(
            uid=uid,
            name=self.name,
            kind=self.kind,
            programs=self.programs,
            aliases=(*self.aliases, *weak),
            countries=tuple(dict.fromkeys(c for c in countries if c)),
            identifiers=tuple(identifiers),
            remarks=self.remarks,
        )


def load(folder: Path, *, at_least: int = 1) -> SanctionsList:
    """Read a copy of the list whole.

    Args:
        folder: holds sdn.csv, alt.csv and add.csv.
        at_least: refuse a copy with fewer entries; hand in a share of the last one's count.

    Raises:
        ListInvalid: a file is missing, empty, cut off or malformed, an entry's number comes
            twice, or a line belongs to no entry (then sdn.csv is not of the same copy).
    """
    sdn, alt, add = (
        _File(folder / name, width) for name, width in zip(FILES, (12, 5, 6), strict=True)
    )
    drafts = _entries(sdn)
    aliases = _attach(alt, drafts, _alias)
    addresses = _attach(add, drafts, _address)
    _check_whole(sdn, alt, add)
    entries = tuple(draft.finish(f"{SOURCE}:{number}") for number, draft in drafts.items())
    if len(entries) < at_least:
        raise ListInvalid(
            sdn.path.name, 0, f"it has {len(entries)} entries", f"At least {at_least} are expected"
        )
    spellings = [alias for entry in entries for alias in entry.aliases]
    counts = {
        "entries": len(entries),
        "aliases": len(spellings),
        "weak_aliases": sum(alias.weak for alias in spellings),
        "alias_lines": aliases,
        "address_lines": addresses,
        "identifiers": sum(len(entry.identifiers) for entry in entries),
    }
    told = "".join(f"{file.path.name} {file.digest}\n" for file in (sdn, alt, add))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return SanctionsList(SOURCE, digest, entries, counts)


def _entries(file: _File) -> dict[int, _Draft]:
    drafts: dict[int, _Draft] = {}
    for row in file.rows():
        number = file.number(row[0], "ent_num")
        if number in drafts:
            raise file.wrong(f"ent_num {number} comes twice", "Each entry has its own number")
        kind = _KINDS.get(row[2].casefold())
        if kind is None:
            known = ", ".join(k or _NULL for k in _KINDS)
            raise file.wrong(f"SDN_Type is {row[2]!r}", f"It is one of {known}")
        if not row[1]:
            raise file.wrong("SDN_Name is null", "Each entry has a name")
        programs = tuple(p for p in _PROGRAMS.split(row[3]) if p)
        drafts[number] = _Draft(row[1], kind, programs, row[9], row[11])
    if not drafts:
        raise file.wrong("there are no entries", "Download it again")
    return drafts


def _attach(
    file: _File, drafts: dict[int, _Draft], add: Callable[[_File, _Draft, list[str]], None]
) -> int:
    """Give each line to its entry; how many lines there were."""
    seen: set[int] = set()
    for row in file.rows():
        draft = drafts.get(file.number(row[0], "ent_num"))
        if draft is None:
            raise file.wrong(
                f"ent_num {row[0]} is not in {FILES[0]}", "The three files are of one copy, whole"
            )
        own = file.number(row[1], "the line's own number")
        if own in seen:
            raise file.wrong(f"the number {own} comes twice", "Each line has its own number")
        seen.add(own)
        add(file, draft, row)
    if not seen:
        raise file.wrong("there are no lines", "Download it again")
    return len(seen)


def _alias(file: _File, draft: _Draft, row: list[str]) -> None:
    if row[2].casefold() not in _ALIAS_KINDS:
        raise file.wrong(f"alt_type is {row[2]!r}", f"It is one of {', '.join(_ALIAS_KINDS)}")
    bare = row[3].strip("\"'").strip()
    if not bare:
        raise file.wrong("alt_name is null", "Each alias has a name")
    quoted = row[3][0] == row[3][-1] == '"'
    draft.aliases.append(Alias(bare if quoted else row[3], quoted or "weak" in row[4].casefold()))


def _address(_file: _File, draft: _Draft, row: list[str]) -> None:
    if row[4] and row[4].casefold() != "undetermined":
        draft.countries.append(row[4])


def _check_whole(*files: _File) -> None:
    """OFAC ends all files alike, so one without the mark was cut at a line's end."""
    for file in files:
        if any(other.ended for other in files) and not file.ended:
            raise ListInvalid(
                file.path.name,
                0,
                "it lacks the end mark 0x1A that the other files have",
                "Download it again, whole",
            )


def _each(segments: list[str], read: Callable[[str], T | None]) -> list[T]:
    return [found for segment in segments if (found := read(segment)) is not None]


def _part(pattern: re.Pattern[str], group: str) -> Callable[[str], str | None]:
    def read(segment: str) -> str | None:
        match = pattern.fullmatch(segment)
        return match[group] if match else None

    return read


def _identifier(segment: str) -> Identifier | None:
    match = _NUMBERED.fullmatch(segment[:_LONGEST_NUMBERED])
    return Identifier(match["kind"], match["value"], match["country"] or "") if match else None
