"""A browser without a screen: cookies, forms with their CSRF tokens, redirects."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from portal.demo.authenticator import Authenticator


class WalkFailed(Exception):
    """A page or an answer was not what the walk needs; the message says which and why."""


class _Forms(HTMLParser):
    """Collects the forms of a page with what a browser would send of them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.text: list[str] = []
        self.errors: list[str] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self._in_errors = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.forms.append({"action": a.get("action", ""), "fields": {}, "names": set(),
                               "options": a.get("data-options-href", "")})  # fmt: skip
        if "errors" in a.get("class", "").split():
            self._in_errors += 1
        if not self.forms:
            return
        form = self.forms[-1]
        name = a.get("name", "")
        if name:
            form["names"].add(name)
        if tag == "input" and a.get("type") in ("checkbox", "radio"):
            if "checked" in a:
                form["fields"].setdefault(name, []).append(a.get("value", "on"))
        elif tag == "input" and name and a.get("type") not in ("file", "submit"):
            form["fields"][name] = [a.get("value", "")]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in a:
            form["fields"][self._select] = [a.get("value", "")]
        elif tag == "textarea":
            self._textarea = name
            form["fields"][name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None
        if tag == "ul" and self._in_errors:
            self._in_errors = 0

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1]["fields"][self._textarea][0] += data
        elif data.strip():
            self.text.append(data.strip())
            if self._in_errors:
                self.errors.append(data.strip())


class Page:
    """An answer, with its forms."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.url = response.url
        self.status = response.status_code
        parser = _Forms()
        parser.feed(response.text)
        self.forms, self.text = parser.forms, " ".join(parser.text)
        self.errors = [e for e in parser.errors if e != "There is a problem"]

    def form(self, holding: str) -> dict[str, Any]:
        """The form with a field of this name, or whose action ends so."""
        for form in self.forms:
            if holding in form["names"] or form["action"].split("?")[0].endswith(holding):
                return form
        raise WalkFailed(f"{self.url} ({self.status}) has no form with {holding!r}")


class Browser:
    """One person's browser."""

    def __init__(self, base: str, device: Authenticator, who: str) -> None:
        self.base, self.device, self.who = base, device, who
        self.http = requests.Session()

    def get(self, path: str) -> Page:
        return self._checked(self.http.get(urljoin(self.base, path), timeout=30))

    def _checked(self, response: requests.Response) -> Page:
        page = Page(response)
        if page.status >= 400:
            raise WalkFailed(f"{self.who}: {page.url} answered {page.status}: {page.text[:300]}")
        return page

    def submit(self, page: Page, holding: str, **values: Any) -> Page:
        """Fill in the form that holds a field and send it, as a browser would.

        Raises:
            WalkFailed: the form has no such field, or the page came back with errors.
        """
        form = page.form(holding)
        fields: dict[str, Any] = dict(form["fields"])
        files = {}
        for name, value in values.items():
            if name not in form["names"]:
                raise WalkFailed(f"{page.url}: the form has no field {name!r}")
            if isinstance(value, tuple):
                files[name] = value
            elif value is False:
                fields.pop(name, None)
            else:
                fields[name] = "y" if value is True else value
        target = urljoin(page.url, form["action"] or page.url)
        answer = self.http.post(target, data=fields, files=files or None, timeout=30)
        found = self._checked(answer)
        if found.errors:
            raise WalkFailed(f"{self.who}: {found.url} refused: {'; '.join(found.errors)}")
        return found

    def _ceremony(self, page: Page, options_path: str) -> dict[str, Any]:
        fields = page.form("credential")["fields"]
        answer = self.http.post(
            urljoin(self.base, options_path), data=fields,
            headers={"X-CSRFToken": fields["csrf_token"][0]}, timeout=30,
        )  # fmt: skip
        if answer.status_code != 200:
            raise WalkFailed(f"{self.who}: {options_path} answered {answer.status_code}")
        options: dict[str, Any] = json.loads(answer.text)
        return options

    def add_passkey(self) -> None:
        page = self.get("/account")
        options = self._ceremony(page, "/passkeys/options")
        answer = self.device.register(options, self.base)
        self.submit(page, "credential", credential=answer, label="Demo authenticator")

    def sign_in_with_passkey(self, account: str) -> None:
        page = self.get("/sign-in")
        options = self._ceremony(page, "/sign-in/passkey/options")
        answer = self.device.sign_in(account, options, self.base)
        self.submit(page, "credential", credential=answer)

    def sign(self, page: Page) -> Page:
        """Let the device sign what the page shows, and send it."""
        asked = self._ceremony(page, page.form("credential")["options"])
        options = asked["publicKey"]
        answer = self.device.sign_in(self.device.user_of(options), options, self.base)
        return self.submit(page, "credential", credential=answer, nonce=asked["nonce"])
