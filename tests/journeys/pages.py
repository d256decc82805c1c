"""Reading a page as somebody does who has no script: its buttons and links, by their words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.portal.sign_on import Browser


@dataclass
class _Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """Every link and button of a page: its words -> where it leads, and what it sends along."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, _Form] = {}
        self._form: _Form | None = None
        self._target: _Form | None = None
        self._words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = _Form(said.get("action", ""), said.get("method", "get").upper())
        elif tag == "input" and self._form and said.get("type") == "hidden":
            self._form.fields[said["name"]] = said.get("value", "")
        elif tag == "a":
            self._target, self._words = _Form(said.get("href", ""), "GET"), ""
        elif tag == "button" and self._form:
            self._target, self._words = self._form, ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("a", "button") and self._target:
            words = " ".join(self._words.split())
            known = self.found.get(words)
            # The first, and what acts before what leads away.
            if known is None or (tag == "button" and known.method == "GET"):
                self.found[words] = self._target
            self._target = None
        elif tag == "form":
            self._form = None


def offers(page: TestResponse, words: str) -> bool:
    """Whether the page has a link or button of these words."""
    return words in _Page(page.text).found


def press(browser: Browser, page: TestResponse, words: str, **typed: str) -> TestResponse:
    """Press what has these words, with what was typed; follow where the answer leads."""
    there = _Page(page.text).found
    assert words in there, f"no {words!r} among {sorted(there)}"
    target = there[words]
    answer = browser.ask(target.action, target.method, **(target.fields | typed))
    while answer.status_code == 302:
        answer = browser.ask(str(answer.location))
    return answer


def heading(page: TestResponse) -> str:
    found = re.search(r"<h1>([^<]*)", page.text)
    return found[1].strip() if found else ""
