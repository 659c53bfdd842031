# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page at three widths, light and dark: what axe-core finds, weight, first paint, whether it keeps still."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.accessibility import found_by_axe, script
from tests.browser.conftest import sign_in
from tests.browser.test_pages import PATHS

WIDTHS = (1280, 768, 375)
MOST = 100_000  # bytes of a page with all that it loads
SOON = 500  # milliseconds to a page's first paint
EMPTY = ("/swagger/spec.json", 100)  # a page of nothing, and the milliseconds that its first paint may take at most
LOADS = 5  # the best of so many counts
ACCOUNT = [
    f"/admin/account{path}" for path in ("", "/edit", "/users", "/personal_details", "/invoices", "/invitations")
]
MESSAGES = [f"/admin/messages/{path}" for path in ("received", "sent", "trash", "new")]
APPLICATIONS = ["/admin/applications", "/admin/applications/choose_service"]
OWN = ["/", "/admin", *APPLICATIONS, "/admin/services", "/usage", "/search?q=models", *ACCOUNT, *MESSAGES]
_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) { window.shifted += entry.value; }
})).observe({ type: "layout-shift", buffered: true });
"""
_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) =>
  list.getEntriesByName("first-contentful-paint").forEach((one) => done(one.startTime))
).observe({ type: "paint", buffered: true }))"""
WEIGHT = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, one) => sum + one.decodedBodySize, 0)"""


@pytest.fixture
def visitor(page: Page) -> Iterator[Page]:
    """A tab that has axe-core, counts shifts of the layout, and fails where the console tells of an error."""
    page.add_init_script(path=script())
    page.add_init_script(_SHIFTS)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}") if told(page, message) else None)
    yield page
    assert said == []


def told(page: Page, message: ConsoleMessage) -> bool:
    """Whether the console tells of an error; that a page of errors has the status of one is none."""
    itself = message.location["url"] == page.url and "responded with a status of 40" in message.text
    return message.type == "error" and not itself


def late(page: Page, path: str) -> Iterable[str]:
    """Whether the page that was just loaded is painted too late, each time anew.

    Where the machine is slow an empty page of the same server is, too, and the page gets as much more time.
    """
    best = page.evaluate(_PAINTED)
    for _load in range(LOADS - 1):
        if best < SOON:
            return
        page.goto(path)
        best = min(best, page.evaluate(_PAINTED))
    empty, usual = EMPTY
    page.goto(empty)
    slower = max(1.0, page.evaluate(_PAINTED) / usual)
    page.goto(path)
    if best > SOON * slower:
        yield f"the first paint takes {best:.0f} ms, on a machine that is {slower:.1f} times as slow as usual"


def settle(page: Page) -> None:
    """Until what a page asks for after it was shown stands on it."""
    if page.locator("[data-last-used]").count():
        expect(page.locator("[data-last-used]")).not_to_be_empty()
    if page.locator("[data-note]").count():
        expect(page.locator("[data-note]")).to_be_empty()
        expect(page.locator("[data-limits] li").first).to_contain_text(re.compile("used|anew"))
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def faults_of(page: Page, path: str, status: int = 200) -> Iterable[str]:
    """What is wrong with a page, one sentence each."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    answer = page.goto(path)
    if answer is None or answer.status != status:
        yield f"status {answer and answer.status}"
        return
    yield from late(page, path)
    settle(page)
    if "Liquid error" in page.content() or "form_tag error" in page.content():
        yield "a template failed"
    if not page.get_by_role("navigation", name="Main").is_visible() or " · " not in page.title():
        yield "the menu or the title is missing"
    shifted, weight = page.evaluate("window.shifted"), page.evaluate(WEIGHT)
    if shifted > 0.01:
        yield f"the layout shifts by {shifted}"
    if not 1000 < weight < MOST:
        yield f"{weight} bytes"
    if page.evaluate("[...document.images].some((one) => !one.naturalWidth) || !document.styleSheets.length"):
        yield "a picture or the style is missing"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"wider than {width}"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            # structure is the same in the dark; contrast is not
            found = found_by_axe(page, contrast_alone=scheme == "dark")
            yield from (f"{width} {scheme}: {fault}" for fault in found)


def check(page: Page, paths: Iterable[str]) -> None:
    """All pages, and all that is wrong with them at once."""
    found = [f"{path}: {fault}" for path in paths for fault in faults_of(page, path)]
    assert found == [], "\n".join(found)


def test_pages_for_everybody(visitor: Page) -> None:
    check(visitor, PATHS)


def test_pages_of_a_developer(developer: dict[str, str], visitor: Page) -> None:
    sign_in(visitor, developer["username"])
    own = f"/admin/applications/{developer['id']}"
    new = "/admin/applications/new?service_id=granite-8b-code-instruct"
    check(visitor, [*OWN, own, f"{own}?show=key", f"{own}/edit", f"{own}/alerts", new])


def test_pages_of_errors(developer: dict[str, str], visitor: Page, closed: str, broken: str) -> None:
    paths = [("/no/such/page", 404), (broken, 200)]
    found = [fault for path, status in paths for fault in faults_of(visitor, path, status)]
    sign_in(visitor, developer["username"])
    found += [fault for path, status in [*paths, (closed, 403)] for fault in faults_of(visitor, path, status)]
    assert found == [], "\n".join(found)
    assert visitor.title().startswith("This was refused")
