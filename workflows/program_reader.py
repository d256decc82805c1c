"""Reading a document entry by entry, collecting what is wrong instead of stopping at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_-]{0,47}")
_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document: where, what was found, what would be right."""

    file: str
    path: str
    found: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: {self.found}; {self.remedy}"


class ProgramInvalid(Exception):
    """A program document that may not be used; `problems` names every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)


class Reader:
    """One table of a document, with the path that leads to it.

    Every method returns a value of the right type even when the entry is wrong, so that one
    pass finds all problems; `parse` raises before such a value can be used.
    """

    def __init__(
        self, file: str, data: Mapping[str, Any], problems: list[Problem], path: str = ""
    ) -> None:
        self.file, self.data, self.problems, self.path = file, data, problems, path

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def problem(self, key: str, found: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, self._at(key), found, remedy))

    def _get(self, key: str, kind: type, words: str, default: Any) -> Any:
        if key not in self.data:
            if default is _REQUIRED:
                self.problem(key, "is missing", f"add {words}")
                return None
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(key, f"is {value!r}", f"would be right: {words}")
            return None
        return value

    def text(self, key: str, default: str = _REQUIRED) -> str:
        value = self._get(key, str, "a text", default)
        if value is not None and default is _REQUIRED and not value.strip():
            self.problem(key, "is empty", "add a text")
        return value or ""

    def identifier(self, key: str) -> str:
        return self.matching(key, _IDENTIFIER, "lower case letters, digits, _ and -")

    def matching(self, key: str, pattern: re.Pattern[str], words: str) -> str:
        value: str | None = self._get(key, str, words, _REQUIRED)
        if value is not None and not pattern.fullmatch(value):
            self.problem(key, f"is {value!r}", f"would be right: {words}")
        return value or ""

    def integer(self, key: str, least: int, most: int, default: int = _REQUIRED) -> int:
        value = self._get(key, int, f"a whole number from {least} to {most}", default)
        if value is not None and not least <= value <= most:
            self.problem(key, f"is {value}", f"a whole number from {least} to {most}")
        return value if isinstance(value, int) else least

    def boolean(self, key: str, default: bool) -> bool:
        return bool(self._get(key, bool, "true or false", default))

    def one_of(self, key: str, known: Sequence[str]) -> str:
        value: str | None = self._get(key, str, f"one of {', '.join(known)}", _REQUIRED)
        if value is not None and value not in known:
            self.problem(key, f"is {value!r}", f"one of {', '.join(known)}")
        return value or ""

    def texts(self, key: str, known: Sequence[str] | None = None) -> tuple[str, ...]:
        values = self._get(key, list, "a list of texts", _REQUIRED) or []
        for i, value in enumerate(values):
            if not isinstance(value, str) or (known is not None and value not in known):
                remedy = f"one of {', '.join(known)}" if known else "a text"
                self.problem(f"{key}[{i}]", f"is {value!r}", remedy)
        if key in self.data and not values:
            self.problem(key, "is empty", "at least one entry")
        return tuple(v for v in values if isinstance(v, str))

    def table(self, key: str) -> Reader:
        value = self._get(key, dict, f"a table [{key}]", _REQUIRED) or {}
        return Reader(self.file, value, self.problems, self._at(key))

    def each(self, key: str, read: Callable[[Reader], T]) -> tuple[T, ...]:
        values = self._get(key, list, f"tables [[{key}]]", _REQUIRED)
        if values == []:
            self.problem(key, "is empty", "at least one entry")
        out: list[T] = []
        for i, value in enumerate(values or []):
            if isinstance(value, dict):
                out.append(read(Reader(self.file, value, self.problems, f"{self._at(key)}[{i}]")))
            else:
                self.problem(f"{key}[{i}]", f"is {value!r}", f"a table [[{key}]]")
        return tuple(out)
