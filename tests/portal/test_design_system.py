"""The design system: every macro in a gallery, looked at by a browser under the portal's CSP."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, flash, jsonify, render_template, request
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import InputRequired, Length

from workflows.words import STATUSES

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"
MOST_CSS = 16_000
MOST_JS_LINES = 400
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
VIEWS = ("tasks", "form", "keys", "queue", "case", "board", "paper", "front")
PROBLEMS = (403, 404, 409, 422, 429, 500)
PATHS = tuple(f"/{v}" for v in VIEWS) + tuple(f"/problem/{p}" for p in PROBLEMS)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--disable-component-update",
]


class GalleryForm(FlaskForm):  # type: ignore[misc]
    domain = StringField("Organization domain", [InputRequired("Enter the domain you control")])
    email = EmailField("E-mail")
    site = URLField("Web site", description="Where people report problems to you.")
    work = TextAreaField(
        "Describe the defensive work",
        [InputRequired(), Length(min=80, max=600, message="Describe it in 80 to 600 characters")],
    )
    country = SelectField("Country", choices={"": "Choose", "nl": "Netherlands"})
    kind = RadioField(
        "What are you?",
        [InputRequired("Choose what you are")],
        choices={"cert": "A response team", "lab": "A laboratory", "other": "Something else"},
    )
    scopes = SelectMultipleField("Scopes", choices={"read": "Read", "run": "Run"})
    people = IntegerField("How many people")
    start = DateField("From when")
    agree = BooleanField("We accept the terms", [InputRequired("Accept the terms")])
    reasons = SelectMultipleField(
        "Reasons",
        choices={
            "domain": "Domain not proven",
            "safeguards": "Safeguards not shown",
            "seats": "More seats than people",
            "purpose": "Purpose outside the program",
        },
    )
    safeguards = RadioField("Safeguards", choices={str(n): str(n) for n in range(4)})
    file = FileField("Authorization document")
    label = StringField("Name of this passkey")
    jwk = TextAreaField("Public key (JWK)", [InputRequired()])


def _cases() -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    rows = [
        ("Harbor CERT", "Vulnerability research", "You, L. Brandt", 1, 78, 1, "reviewing"),
        ("Northwind Bank SOC", "Malware analysis", "You", 0, 0, 3, "reviewing"),
        ("Kestrel Labs", "Red team", "M. Ito", 2, 41, -2, "deciding"),
        ("Delta University", "Vulnerability research", "Nobody yet", 2, 88, 5, "checking"),
        ("Kommunale Wasserwerke", "Vulnerability research", "Nobody yet", 0, 0, 6, "checking"),
    ]
    keys = ("who", "tier", "with", "votes", "rubric", "days", "state")
    cases = [dict(zip(keys, row, strict=True)) for row in rows]
    for n, case in enumerate(cases):
        case |= {"id": f"TA-{7 + n}F3K", "due": now + timedelta(days=case["days"])}
    return cases


def _steps() -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {"title": "Submitted", "state": "done", "ended": now - timedelta(days=6)},
        {"title": "Facts checked", "state": "done", "ended": now - timedelta(days=5)},
        {
            "title": "In review",
            "state": "current",
            "turn": "the program’s reviewers",
            "since": now - timedelta(days=4),
            "promised": now + timedelta(days=3),
            "text": "Two people read it, blind to each other.",
        },
        {"title": "Decision", "state": "next", "promised": (now + timedelta(days=6)).date()},
        {"title": "Access", "state": "next"},
    ]


def _app() -> Flask:
    app = Flask("gallery", static_folder=str(STATIC), template_folder=str(TEMPLATES))
    app.config.update(SECRET_KEY="gallery", TESTING=True)
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(TEMPLATES), FileSystemLoader(Path(__file__).parent)]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["status_words"] = STATUSES
    CSRFProtect(app)

    @app.after_request
    def csp(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.context_processor
    def variables() -> dict[str, Any]:
        staff = request.path in ("/queue", "/case", "/board")
        labels = ["Queue", "Grants", "Ledger"] if staff else ["Application", "Messages", "Help"]
        return {
            "nav": [{"label": w, "href": "/tasks", "current": n == 0}
                    for n, w in enumerate(labels)],
            "viewer": {"name": "Ada Okafor", "signed_in_as": "org admin",
                       "account_href": "/tasks", "sign_out_href": "/post"},
            "demo_banner": "Demo: nothing here is real." if request.path == "/form" else None,
            "crumbs": [{"label": "Applications", "href": "/tasks"}, {"label": "TA-7F3K-91"}]
            if request.path in ("/form", "/case") else [],
            "footer": [{"label": "How we decide", "href": "/tasks"}],
        }  # fmt: skip

    @app.get("/<any(tasks,form,keys,queue,case,board,paper,front):view>")
    def gallery(view: str) -> str:
        answers = {"work": "too short", "country": "nl", "safeguards": "1"}
        chosen = {"scopes": ["read"], "reasons": ["domain"]}
        form = GalleryForm(data=answers | chosen, meta={"csrf": False})
        if view == "form":
            form.validate()
            flash("Your answers are saved.", "good")
        recent = datetime.now(UTC) - timedelta(hours=2)
        return render_template(
            "design_gallery.html", view=view, form=form if view != "tasks" else None,
            recent=recent, cases=_cases(), steps=_steps(),
        )  # fmt: skip

    @app.get("/problem/<int:status>")
    def problem(status: int) -> str:
        words = {
            403: ("This is not open to you", "Only a decider who did not review may do this."),
            404: ("There is nothing here", "Or there is, and it belongs to somebody else."),
            409: ("This moved on while you looked", "A colleague decided a minute ago."),
            422: ("Something is missing or wrong", "The letter has no reason."),
            429: ("That was too much at once", "Ten tries a minute are enough for people."),
            500: ("Something broke on our side", "Nothing of yours was lost or half done."),
        }[status]
        return render_template(
            "problem.html", status=status, title=words[0], detail=words[1], code="gallery",
            remedy="Ask the owner of the case to hand it over.", reference="1f0c9a7b2d3e",
            meanwhile=("L. Brandt approved it.",) if status == 409 else (),
            actions=({"label": "Back to the queue", "href": "/queue"},) if status == 403 else (),
        )  # fmt: skip

    @app.post("/post")
    def post() -> tuple[str, int]:
        return ("", 204)

    @app.post("/options")
    def options() -> Response:
        return jsonify(challenge="Y2hhbGxlbmdl", rpId="localhost", allowCredentials=[],
                       userVerification="required", timeout=60000)  # fmt: skip

    return app


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, _app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("PORTAL_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        if os.environ.get("CI") == "true":
            pytest.fail("No chromium: set PORTAL_CHROMIUM, or install it.")
        pytest.skip("NOT TESTED: no chromium. Set PORTAL_CHROMIUM, or install it.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield context.new_page()
    context.close()


def _problems_of(page: Page) -> list[str]:
    """What the console says: refused styles and scripts, and errors of ours."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    return said


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_accessible(page: Page, site: str, path: str, scheme: Any) -> None:
    """Axe finds nothing against WCAG 2.2 AA on any page, in light and in dark."""
    said = _problems_of(page)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(site + path, wait_until="networkidle")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response
    broken = [
        f"{v['id']}: {v['help']}: {n['html'][:160]} {n.get('failureSummary', '')[:240]}"
        for v in found["violations"]
        for n in v["nodes"]
    ]
    assert broken == []
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_overflows(page: Page, site: str, width: int) -> None:
    """No page is wider than a phone, a tablet or a desk, even with all details open."""
    page.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path


@pytest.mark.browser
def test_targets_are_large_enough(page: Page, site: str) -> None:
    """Every button, field and menu is at least 24 pixels high and wide."""
    for path in PATHS:
        page.goto(site + path)
        small = page.evaluate(
            """[...document.querySelectorAll('button, input, select, textarea, summary, .btn,'
              + '.filters a, .tabs a, .primary a')]
              .filter((e) => e.checkVisibility() && e.type !== 'hidden')
              .filter((e) => !e.closest('.chip, .level'))
              .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
              .filter(([, r]) => r.height < 24 || r.width < 24).map(([html]) => html)"""
        )
        assert small == [], path


@pytest.mark.browser
def test_the_page_works_without_scripts(browser: Browser, site: str) -> None:
    """Without JavaScript the confirm opens, the account menu opens and times are in UTC text."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/keys")
    page.get_by_text("Revoke this key", exact=True).click()
    assert page.get_by_role("button", name="Yes: revoke this key").is_visible()
    page.locator("details.account summary").click()
    assert page.get_by_role("button", name="Sign out").is_visible()
    assert page.locator("[data-copy-button]").first.is_hidden()
    page.goto(site + "/queue")
    assert "UTC" in (page.locator("time").first.text_content() or "")
    context.close()


@pytest.mark.browser
def test_keys_walk_through_a_table(page: Page, site: str) -> None:
    """j and k move through rows, Enter opens one, ? lists the keys and can switch them off."""
    page.goto(site + "/queue", wait_until="networkidle")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Harbor CERT"
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.get_by_label("Use single keys in this browser").uncheck()
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") != "Harbor CERT"
    page.locator("th a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks?case=TA-7F3K")


@pytest.mark.browser
def test_a_key_pair_is_made_in_the_browser(page: Page, site: str) -> None:
    """The public half fills the form; the private half is a file that only the reader has."""
    said = _problems_of(page)
    page.goto(site + "/keys", wait_until="networkidle")
    page.get_by_role("button", name="Make a key pair").click()
    page.get_by_role("link", name="Download the private key").wait_for()
    public = page.locator("#jwk").input_value()
    assert '"kty": "EC"' in public
    assert '"d"' not in public
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the private key").click()
    private = Path(download.value.path()).read_text()
    assert download.value.suggested_filename == "workload-key.jwk.json"
    assert '"d"' in private
    assert said == []


@pytest.mark.browser
def test_forms_save_themselves_and_say_so(page: Page, site: str) -> None:
    """Typing is saved by itself and said; when the portal cannot be reached, that is said too."""
    page.goto(site + "/form", wait_until="networkidle")
    page.locator("#domain").fill("harborcert.example")
    page.get_by_text(re.compile(r"^Saved at")).wait_for()
    page.route("**/post", lambda route: route.abort())
    page.locator("#domain").fill("harbor.example")
    page.get_by_text(re.compile(r"^Not saved\. The portal cannot be reached")).wait_for()


@pytest.mark.browser
def test_too_large_a_file_is_refused_before_it_is_sent(page: Page, site: str) -> None:
    """The upload form names the file, its size and the limit, and sends nothing."""
    page.goto(site + "/form", wait_until="networkidle")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url))
    big = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"x" * 5000}
    page.locator("#file").set_input_files(files=[big])  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload").click()
    assert page.get_by_text("scan.pdf is 5 kB; the most is 1 kB.").is_visible()
    assert sent == []


@pytest.mark.browser
def test_a_passkey_signs_in_and_a_refusal_is_explained(page: Page, site: str) -> None:
    """The form submits the authenticator's answer; a cancel is said in words with what to do."""
    page.goto(site + "/form", wait_until="networkidle")
    page.evaluate(
        "() => { navigator.credentials.get = "
        "() => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    page.get_by_text("No passkey was used").wait_for()
    page.evaluate(
        "() => { navigator.credentials.get = "
        "() => Promise.resolve({toJSON: () => ({id: 'abc'})}); }"
    )
    with page.expect_request("**/post") as sent:
        button.click()
    assert "%22id%22%3A%22abc%22" in (sent.value.post_data or "")


@pytest.mark.browser
def test_errors_come_first_and_lead_to_their_field(page: Page, site: str) -> None:
    """The summary has the focus, its link leads into the field, and the title begins with Error."""
    page.goto(site + "/form", wait_until="networkidle")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "errors"
    page.get_by_role("link", name="Enter the domain you control").click()
    assert page.evaluate("document.activeElement.id") == "domain"
    described = page.locator("#domain").get_attribute("aria-describedby")
    assert described == "domain-hint domain-error"


@pytest.mark.browser
def test_a_passkey_without_the_browsers_own_json(page: Page, site: str) -> None:
    """Browsers without the JSON forms of WebAuthn get the same answer by our own encoding."""
    page.goto(site + "/form", wait_until="networkidle")
    page.evaluate(
        """() => {
          delete PublicKeyCredential.parseRequestOptionsFromJSON;
          const buffer = (text) => new TextEncoder().encode(text).buffer;
          navigator.credentials.get = ({publicKey}) => Promise.resolve({
            id: 'abc', rawId: publicKey.challenge, type: 'public-key',
            response: {clientDataJSON: buffer('c'), signature: buffer('s')},
            getClientExtensionResults: () => ({}),
          });
        }"""
    )
    with page.expect_request("**/post") as sent:
        page.get_by_role("button", name="Sign in with a passkey").click()
    body = sent.value.post_data or ""
    assert "%22rawId%22%3A%22Y2hhbGxlbmdl%22" in body
    assert "%22signature%22%3A%22cw%22" in body


@pytest.mark.browser
def test_a_letter_prints_as_paper(page: Page, site: str) -> None:
    """On paper the letter stands alone: no header, no buttons, black on white."""
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(site + "/paper")
    assert page.locator(".letter").is_visible()
    assert page.locator("header.top").is_hidden()
    assert page.get_by_text("Appeal", exact=True).is_hidden()
    assert page.locator(".letter").evaluate("e => getComputedStyle(e).backgroundColor") == (
        "rgb(255, 255, 255)"
    )


def test_the_stylesheet_stays_small() -> None:
    """One stylesheet under 16 kB, and scripts that a person reads in a sitting."""
    assert [p.name for p in STATIC.rglob("*.css")] == ["portal.css"]
    assert len((STATIC / "portal.css").read_bytes()) < MOST_CSS
    lines = sum(len(p.read_text().splitlines()) for p in STATIC.rglob("*.js"))
    assert lines <= MOST_JS_LINES


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_templates_hold_no_inline_style_or_script(path: Path) -> None:
    """No template has a style attribute, a style element, an inline script or an on-attribute."""
    text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
    assert not re.search(r"<[^>]*\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert not re.search(r"(?<!rowheader\"')(?<!cell\"')\|safe", text)


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda p: p.name)
def test_scripts_use_no_markup_sink(path: Path) -> None:
    """No module writes markup or makes code of text."""
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(sinks, path.read_text())


def test_every_macro_is_in_the_readme() -> None:
    """Each macro that pages may use is described, with its present signature's name."""
    exported = re.findall(r"{% set (\w+) =", (TEMPLATES / "parts/ui.html").read_text())
    told = (TEMPLATES / "README.md").read_text()
    assert [name for name in exported if f"`{name}(" not in told] == []
