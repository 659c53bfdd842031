# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's pages, rendered by the portal's Liquid: with much and with nothing to show, and with odd texts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.threescale.portal.language import LIQUID
from tests.sandbox.portal.catalogue_pages import ODD, SETTINGS, files, liquid, portal_pages, table, templates
from tests.sandbox.portal.crowded import furnished
from tests.sandbox.portal.visitors import Browser, Portal

VOID = {"meta", "link", "input", "img", "br", "hr"}
BLOCKS = {"div", "form", "h1", "h2", "h3", "p", "pre", "section", "table", "ul", "ol", "dl"}
DOCS = ["/docs", "/docs/errors", "/docs/limits", "/docs/streaming", "/docs/access", "/docs/changes", "/legal/terms"]
PUBLIC = [
    "/",
    "/models",
    "/examples",
    "/usage",
    *DOCS,
    "/login",
    "/signup",
    "/admin/account/password/new",
    "/signup/success",
]
ACCOUNT = [
    f"/admin/account{path}" for path in ("", "/edit", "/users", "/invitations", "/personal_details", "/invoices")
]
MESSAGES = [f"/admin/messages/{path}" for path in ("received", "sent", "trash", "new")]
OWN = ["/admin", "/admin/applications", "/admin/services", "/search?q=models", *ACCOUNT, *MESSAGES, "/buyer/stats"]
MOST = 90_000  # bytes of a page in the worst case: names of 120 odd characters, 40 models, 200 applications
CASES = [(0, 0, "en"), (1, 1, "es"), (2, 2, "en"), (40, 200, "es")]


@dataclass
class Reader(HTMLParser):
    """What is wrong with a page's elements, its headings and its texts."""

    faults: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    refers: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    words: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names.append(tag)
        if len(given) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice: {attrs}")
        if tag in BLOCKS and "p" in self.open:
            self.faults.append(f"<{tag}> ends the paragraph that it stands in")
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script" and not (given.get("src") or "").startswith("/"):
            self.faults.append(f"a script of nobody's: {attrs}")
        self.faults += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        self._identity(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def _identity(self, given: dict[str, str | None]) -> None:
        own = given.get("id")
        if own in self.ids:
            self.faults.append(f"id {own} is there twice")
        if own:
            self.ids.add(own)
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.refers |= set((given.get(name) or "").split())

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> ends nothing, after {self.names[-3:]}")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["title"]:
            self.title += data
        self.words += data


def read(text: str) -> Reader:
    """The page, read to its end."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    reader.faults += [f"<{tag}> is never ended" for tag in reader.open]
    reader.faults += [f"nothing has the id {name}" for name in reader.refers - reader.ids]
    for words in ("Liquid error", "form_tag error", "[[", "[%"):
        if words in text.replace(html.escape(ODD), "").replace("[[ x ]]", ""):
            reader.faults.append(f"the page says {words}")
    return reader


@dataclass
class Visited:
    """A portal with so many models and applications, and a developer who is signed in."""

    portal: Portal
    browser: Browser
    applications: list[int]
    language: str


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-models-{case[1]}-applications-{case[2]}")
def visited(request: pytest.FixtureRequest) -> Iterator[Visited]:
    count, wanted, language = request.param
    portal, made = furnished(count, wanted, language)
    browser = portal.browser()
    browser.sign_in()
    yield Visited(portal, browser, made, language)


def look(browser: Browser, path: str, status: int = 200) -> Reader:
    """A page that must be whole."""
    answer = browser.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    assert answer.url.path == path.partition("?")[0], f"{path}: it leads to {answer.url}"
    reader = read(answer.text)
    assert reader.faults == [], f"{path}: {reader.faults}"
    assert len(answer.content) < MOST, f"{path}: {len(answer.content)} bytes"
    assert reader.names.count("h1") == reader.names.count("main") == 1, path
    return reader


def test_every_page_is_whole_whatever_there_is_to_show(visited: Visited) -> None:
    stranger, browser = visited.portal.browser(), visited.browser
    titles = {path: look(stranger, path).title for path in PUBLIC}
    titles |= {path: look(browser, path).title for path in OWN if path != "/buyer/stats"}
    assert len(set(titles.values())) == len(titles), sorted(titles.items(), key=lambda pair: pair[1])
    look(browser, "/buyer/stats" if visited.applications else "/usage")
    look(browser, "/")
    look(stranger, "/no/such/page", 404)
    assert 'lang="es"' in browser.answer.text if visited.language == "es" else True  # type: ignore[union-attr]


def test_every_page_shows_names_as_they_are(visited: Visited) -> None:
    browser = visited.browser
    assert ODD in look(browser, "/admin/account").words
    for number in visited.applications[:3]:
        page = look(browser, f"/admin/applications/{number}")
        assert page.words.count(ODD) >= 3, page.words
        assert ODD in page.title
        shown = look(browser, f"/admin/applications/{number}?show=key")
        assert "sk-maas-" in shown.words
        look(browser, f"/admin/applications/{number}/edit")
    if visited.applications:
        assert look(browser, "/models").words.count(ODD) >= 2
        assert look(browser, "/docs/changes").words.count(ODD) >= 5  # two texts, and the model's name three times
        page = look(browser, "/models/model-0")
        assert page.words.count(ODD) >= 5 and ODD in page.title
        assert look(browser, "/admin/applications").words.count(ODD) >= min(len(visited.applications), 30)
        assert look(browser, "/admin/applications?page=2").faults == []
        assert ODD in look(browser, "/admin/applications/new?service_id=model-0").words
        look(browser, "/admin/applications/choose_service")
        assert ODD in look(browser, "/usage").words


def test_every_menu_marks_where_one_is(visited: Visited) -> None:
    stranger = visited.portal.browser()
    for path in [*PUBLIC, *OWN]:
        text = (visited.browser if path in OWN or path == "/usage" else stranger).get(path).text
        assert 'aria-current="page"' in text, path


def test_messages_are_shown_as_they_are(visited: Visited) -> None:
    browser = visited.browser
    for _message in range(2):
        browser.get("/admin/messages/new")
        browser.submit({"message[subject]": "x", "message[body]": "y"}, "/admin/messages/sent")
    browser.get("/admin/messages/new")
    browser.submit({"message[subject]": ODD, "message[body]": f"{ODD}\n{ODD}"}, "/admin/messages/sent")
    sent = browser.get("/admin/messages/sent")
    assert (read(sent.text).faults, read(sent.text).words.count(ODD)) == ([], 1)
    received = {"en": "There is no message.", "es": "No hay ningún mensaje."}[visited.language]
    assert look(browser, "/admin/messages/trash").words.count(received) == 1
    link = re.search(r'href="(/admin/messages/sent/\d+)"', sent.text)
    assert link and look(browser, link[1]).words.count(ODD) >= 3


@pytest.mark.parametrize(
    "changes", [{}, {"language": "es", "password_sign_up": True, "invitations": True, "trust": ""}]
)
def test_no_template_is_beyond_the_dialect(changes: dict[str, Any]) -> None:
    made = {name: text for name, text in files(2, **changes).items() if name.endswith(".liquid")}
    assert len(made) > 60
    assert {name: liquid.faults(text) for name, text in made.items() if liquid.faults(text)} == {}
    # what is left of a tag that is not one, and of the templates' own brackets
    loose = re.compile(r"%\]|\[%")
    assert {name: loose.search(text) for name, text in made.items() if loose.search(text)} == {}


def test_what_a_language_lacks_is_said_in_english() -> None:
    spanish = table("es").table
    lacking = portal_pages.Texts(table("en").table | {key: spanish[key] for key in spanish if key != "menu.models"})
    made = portal_pages.pages(templates(), [], lacking, {**SETTINGS, "language": "es", "security_policy": ""})
    menu = made["_submenu.html.liquid"]
    assert ">Models</a>" in menu and spanish["menu.models"] not in menu and spanish["menu.docs"] in menu
    with pytest.raises(portal_pages.PagesError, match=r"no text 'menu\.models' in this language, nor in English"):
        lacking.table.pop("menu.models")
        portal_pages.pages(templates(), [], lacking, {**SETTINGS, "language": "es", "security_policy": ""})


class Known(dict[str, Any]):
    """Attributes of a drop."""


def render(name: str, made: dict[str, str] | None = None, **drops: Any) -> Reader:
    """A page of which the stand-in has nothing to show, with drops of one's own."""
    made = made or files(1)
    registers = {
        "partials": lambda of: made.get(f"{of.rpartition('/')[0]}/_{of.rpartition('/')[2]}.html.liquid".lstrip("/")),
        "content_for": {},
        "csrf": lambda: "token",
        "no_store": lambda: None,
        "world": SimpleNamespace(page=SimpleNamespace(params={"invitation_token": "a-token"})),
    }
    text = LIQUID.template(made[f"{name}.html.liquid"]).text(drops, registers, raising=True)
    return read(text)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_language_has_every_text_that_a_page_asks_for(language: str) -> None:
    asked = set(re.findall(r"\bt\('([\w.]+)'(?! ~)", "".join(templates().values())))
    own = table(language).table
    assert asked - set(own) == set()
    english = table("en").table
    if language != "en":
        same = {key for key in english if not key.startswith("server.") and key not in own}
        assert same == set()
        holes = {key: (re.findall(r"\[\w+\]", english[key]), re.findall(r"\[\w+\]", own[key])) for key in english}
        assert {key: both for key, both in holes.items() if sorted(both[0]) != sorted(both[1])} == {}
    else:
        scripts = "".join(text for name, text in files(0).items() if name.endswith(".js"))
        said = set(re.findall(r'say\("(\w+)"', scripts))
        assert {key for key in said if f"script.{key}" not in own} - {"by_"} == set()
        families = (
            "server.",
            "script.",
            "task.",
            "unit.",
            "can.",
            "fact.",
            "what.",
            "period.",
            "snippet.",
            "legal.",
            "docs_errors.",
            "changes.",
        )
        unused = {key for key in own if key not in asked and not key.startswith((*families, "format."))}
        titled = {
            "menu.home",
            "docs.start",
            "docs_limits.title",
            "docs_streaming.title",
            "access.title",
            "docs_errors.title",
        }
        assert unused - titled == set()
